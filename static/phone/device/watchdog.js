// @ts-check
/**
 * Waits for `registered`, because the SDK may never say that it will not come: for a bad token, a
 * blocked socket or a silent gateway it says little or nothing. The first deadline stands, so that a
 * storm of redials cannot push it away.
 */

/** A register() that has not become `registered` by then never may. */
const REGISTERED_WITHIN_MS = 12_000;
/** The same, once it is plain that sockets do not hold. */
const REOPENED_WITHIN_MS = 4_000;
/** Sockets that open and are closed without a word, so often, say the same as one that does not open. */
const LOST_TOO_OFTEN = 5;

export class Watchdog {
  #hasSocketFailed = false;
  #timesLost = 0;
  #deadline = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {(cause: string) => void} options.fired
   * @param {() => boolean} options.isOnline
   * @param {() => boolean} options.isBlockedByPolicy Whether the page's own policy has stopped a connection.
   * @param {{isRegistered: boolean, isConnected?: boolean}} options.device
   */
  constructor(options) {
    this.options = options;
  }

  /** `registered` is expected from now on. */
  watch() {
    const isSocketBad = this.#hasSocketFailed || this.#timesLost >= LOST_TOO_OFTEN;
    const within = isSocketBad ? REOPENED_WITHIN_MS : REGISTERED_WITHIN_MS;
    const deadline = Date.now() + within;
    if (this.#timer !== undefined && this.#deadline <= deadline) return;
    clearTimeout(this.#timer);
    this.#deadline = deadline;
    this.#timer = setTimeout(() => this.#fire(), within);
  }

  /** A socket did not open, or broke. */
  socketFailed() {
    this.#hasSocketFailed = true;
    this.watch();
  }

  /** The Device is not registered any more, or still is not. */
  lost() {
    this.#timesLost += 1;
    this.watch();
  }

  /** Nothing is expected any more; what has failed so far still counts. */
  rest() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The Device is registered, or begins anew. */
  forget() {
    this.rest();
    this.#hasSocketFailed = false;
    this.#timesLost = 0;
  }

  #fire() {
    this.#timer = undefined;
    this.options.fired(this.#guessCause());
  }

  #guessCause() {
    if (!this.options.isOnline()) return "network-offline";
    if (this.options.isBlockedByPolicy()) return "csp-blocked";
    // The token was taken, so that nothing stands between this browser and Twilio.
    if (this.options.device.isConnected) return "never-ready";
    if (this.#hasSocketFailed) return "socket-blocked";
    return this.#timesLost >= LOST_TOO_OFTEN ? "socket-closed" : "register-timeout";
  }
}
