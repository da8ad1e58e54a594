// @ts-check
/**
 * Keeps the Device registered: fetches tokens and renews them, watches for a registration that never
 * settles, and tries again with patience. Knows neither page nor SDK.
 *
 * @typedef {object} Situation What people are shown.
 * @property {"connecting" | "ready" | "offline" | "error"} state
 * @property {Verdict | null} verdict
 * @property {boolean} isRetrying Something is under way, or will be by itself.
 */

import { TokenRefused } from "./backend.js";
import { backoffDelay } from "./backoff.js";
import { isNews, subjectOf } from "./refusals.js";
import { lifetimeOf, renewalDelay } from "./token-clock.js";

/** @import { Token, Verdict } from "./backend.js"; */
/** @import { Report } from "./device-events.js"; */
/** @import { DeviceEvent } from "./device.js"; */

/** A register() that has not become `registered` by then never may: the SDK says nothing of it. */
const REGISTERED_WITHIN_MS = 12_000;
/** The same, once a socket has already failed to open. */
const REOPENED_WITHIN_MS = 4_000;
/** Sockets that open and are closed without a word, so often, say the same as one that does not open. */
const LOST_TOO_OFTEN = 5;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

export class Registration {
  /** @type {Situation} */
  situation = { state: "connecting", verdict: null, isRetrying: true };
  #attempt = 0;
  /** A start that has been overtaken by another must not go on. */
  #generation = 0;
  #hasSocketFailed = false;
  #timesLost = 0;
  #isRefused = false;
  #isOverdue = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #renewal;

  /**
   * @param {object} options
   * @param {() => Promise<Token>} options.fetchToken
   * @param {{start: (token: string, options: Record<string, any>) => void, stop: () => void,
   *   renew: (token: string) => void, isRegistered: boolean}} options.device
   * @param {(report: Report) => void} options.report
   * @param {(situation: Situation) => void} options.changed
   * @param {() => void} options.signedOut
   * @param {() => boolean} options.isInCall A call outlives its registration: nothing is torn down in one.
   * @param {() => boolean} options.isOnline
   * @param {() => boolean} options.isBlockedByPolicy Whether the page's own policy has stopped a connection.
   * @param {Record<string, Verdict>} options.verdicts Those that this browser may reach by itself.
   */
  constructor(options) {
    this.options = options;
  }

  /** Begins anew: a fresh token, a fresh Device. In a call, once the call is over. */
  restart() {
    if (this.options.isInCall()) {
      this.#isOverdue = true;
      return;
    }
    this.#attempt = 0;
    this.#begin();
  }

  /** A call is over: what had to wait for it is done now. */
  callEnded() {
    if (!this.#isOverdue || this.options.isInCall()) return;
    this.#isOverdue = false;
    this.restart();
  }

  /** Stops for good, until `restart()`. */
  stop() {
    this.#generation += 1;
    this.#clearTimers();
    this.options.device.stop();
    this.#show({ state: "offline", isRetrying: false });
  }

  /** The browser says that it has lost its network. */
  wentOffline() {
    this.#report("offline", "network-offline");
    this.#show({ state: "offline", verdict: this.#local("browser_network"), isRetrying: true });
  }

  /**
   * What the server has found out.
   * @param {Verdict} verdict
   */
  heardVerdict(verdict) {
    const { state } = this.situation;
    if (!isNews(verdict.code, state)) return;
    this.#show({ verdict, state: state === "ready" || !verdict.blames_credentials ? state : "error" });
  }

  /** The token is about to end, or three quarters of it are over. Never left unanswered. */
  async renew() {
    const generation = this.#generation;
    try {
      const token = await this.options.fetchToken();
      if (generation !== this.#generation) return;
      this.options.device.renew(token.token);
      this.#planRenewal(lifetimeOf({ expiresAt: token.expires_at, serverNow: token.serverNow }));
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof TokenRefused && error.status === 401) this.options.signedOut();
      else if (error instanceof TokenRefused && error.verdict) this.heardVerdict(error.verdict);
      this.#renewal = setTimeout(() => this.renew(), this.#delay(30_000));
    }
  }

  /** @param {DeviceEvent} event One that is about no call. */
  heardDevice(event) {
    if (event.sdkEvent === "registered") this.#becameReady();
    else if (event.sdkEvent === "registering") this.#watch(REGISTERED_WITHIN_MS);
    else if (event.sdkEvent === "error") this.#heardError(event);
    else this.#wasLost(event.sdkEvent);
  }

  async #begin() {
    const generation = ++this.#generation;
    this.#clearTimers();
    this.#forgetFailures();
    const { state } = this.situation;
    this.#show({ state: state === "ready" ? "connecting" : state, isRetrying: true });
    try {
      const token = await this.options.fetchToken();
      if (generation !== this.#generation) return;
      this.options.device.start(token.token, token.device);
      this.#watch(REGISTERED_WITHIN_MS);
      this.#planRenewal(lifetimeOf({ expiresAt: token.expires_at, serverNow: token.serverNow }));
    } catch (error) {
      if (generation !== this.#generation) return;
      this.options.device.stop();
      this.#gotNoToken(error);
    }
  }

  /** @param {unknown} error */
  #gotNoToken(error) {
    if (!(error instanceof TokenRefused)) {
      this.#report("offline", this.options.isOnline() ? "server-unreachable" : "network-offline");
      this.#show({ state: "offline", verdict: this.#local("browser_network") });
      this.#tryAgain();
      return;
    }
    const verdict = error.verdict ?? this.#local("unclear");
    if (error.status === 401) {
      this.options.signedOut();
    } else if (error.status === 409 || error.status === 422) {
      this.#show({ state: "error", verdict, isRetrying: false });
    } else {
      this.#show({ state: "offline", verdict });
      this.#tryAgain(error.retryAfter);
    }
  }

  #becameReady() {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    this.#attempt = 0;
    this.#forgetFailures();
    this.#show({ state: "ready", verdict: null, isRetrying: false });
  }

  /** @param {DeviceEvent} event */
  #heardError({ code, originalCode }) {
    const subject = subjectOf(code, originalCode);
    if (subject === "network") {
      if (!this.#hasSocketFailed) this.#watch(REOPENED_WITHIN_MS);
      this.#hasSocketFailed = true;
    } else if (subject === "token" || !this.options.device.isRegistered) {
      this.#isRefused = true;
      this.#show({ state: "error" });
      this.#tryAgain();
    }
  }

  /** @param {string} sdkEvent */
  #wasLost(sdkEvent) {
    if (this.#isRefused) return;
    this.#timesLost += 1;
    if (this.situation.state === "ready") this.#show({ state: "offline", isRetrying: true });
    if (sdkEvent === "destroyed") this.#tryAgain();
    else this.#watch(this.#isSocketBad ? REOPENED_WITHIN_MS : REGISTERED_WITHIN_MS);
  }

  get #isSocketBad() {
    return this.#hasSocketFailed || this.#timesLost >= LOST_TOO_OFTEN;
  }

  /** @param {number} within The first deadline stands: a storm of redials must not push it away. */
  #watch(within) {
    const deadline = Date.now() + within;
    if (this.#watchdog !== undefined && this.#deadline <= deadline) return;
    clearTimeout(this.#watchdog);
    this.#deadline = deadline;
    this.#watchdog = setTimeout(() => this.#gaveUpWaiting(), within);
  }

  #deadline = 0;

  #gaveUpWaiting() {
    this.#watchdog = undefined;
    if (this.options.device.isRegistered) return;
    const cause = this.#guessCause();
    this.#report("offline", cause);
    const verdict = cause === "register-timeout" ? this.situation.verdict : this.#local("browser_network");
    this.#show({ state: "offline", verdict });
    this.#tryAgain();
  }

  #guessCause() {
    if (!this.options.isOnline()) return "network-offline";
    if (this.options.isBlockedByPolicy()) return "csp-blocked";
    if (this.#hasSocketFailed) return "socket-blocked";
    return this.#timesLost >= LOST_TOO_OFTEN ? "socket-closed" : "register-timeout";
  }

  #forgetFailures() {
    this.#hasSocketFailed = this.#isRefused = false;
    this.#timesLost = 0;
  }

  /** @param {number} [atLeast] Milliseconds. */
  #tryAgain(atLeast = 0) {
    this.#clearTimers();
    if (this.options.isInCall()) {
      this.#isOverdue = true;
      return;
    }
    this.#show({ isRetrying: true });
    this.#retry = setTimeout(() => this.#again(), Math.max(atLeast, this.#delay(FIRST_RETRY_MS)));
    this.#attempt += 1;
  }

  #again() {
    if (this.options.isInCall()) this.#isOverdue = true;
    else this.#begin();
  }

  /** @param {number} lifetime Milliseconds; 0 leaves it to the SDK's own event. */
  #planRenewal(lifetime) {
    clearTimeout(this.#renewal);
    if (lifetime > 0) this.#renewal = setTimeout(() => this.#renewBetweenCalls(), renewalDelay(lifetime));
  }

  /** A new token in a call makes the SDK negotiate that call anew: better between two. */
  #renewBetweenCalls() {
    if (this.options.isInCall()) this.#renewal = setTimeout(() => this.#renewBetweenCalls(), 5_000);
    else this.renew();
  }

  /** @param {number} base Milliseconds. */
  #delay(base) {
    return backoffDelay({ attempt: this.#attempt, base, cap: LAST_RETRY_MS });
  }

  #clearTimers() {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    clearTimeout(this.#renewal);
    this.#watchdog = undefined;
  }

  /**
   * @param {Report["state"]} state
   * @param {string} message
   */
  #report(state, message) {
    this.options.report({ state, sdk_event: "watchdog", message });
  }

  /** @param {string} code */
  #local(code) {
    return this.options.verdicts[code] ?? null;
  }

  /** @param {Partial<Situation>} change */
  #show(change) {
    this.situation = { ...this.situation, ...change };
    this.options.changed(this.situation);
  }
}
