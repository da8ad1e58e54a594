// @ts-check
/**
 * The seat that one tab of a browser has, by a lock of the browser's: whoever holds it is the phone. The others
 * stand in line; the browser seats the next as soon as the one before is gone, also where it has crashed.
 *
 * https://developer.mozilla.org/docs/Web/API/LockManager/request
 */

export class Seat {
  isHeld = false;
  #release = () => {};
  /** Ends the wait in line. */
  #waiting = new AbortController();

  /**
   * @param {object} options
   * @param {string} options.name
   * @param {Pick<LockManager, "request">} options.locks
   * @param {() => void} options.gained
   * @param {() => void} options.lost Another tab has taken it.
   * @param {() => void} options.unavailable This browser gives the page no locks.
   */
  constructor(options) {
    this.options = options;
  }

  /** Stands in line. */
  wait() {
    this.#waiting = new AbortController();
    void this.#hold({ signal: this.#waiting.signal });
  }

  /** Takes the seat from whoever has it. */
  take() {
    if (this.isHeld) return;
    this.#waiting.abort();
    void this.#hold({ steal: true });
  }

  /** Gives up the seat, or the place in line. */
  leave() {
    this.isHeld = false;
    this.#waiting.abort();
    this.#release();
  }

  /** @param {LockOptions} how */
  async #hold(how) {
    const { name, locks, gained, lost, unavailable } = this.options;
    let release = () => {};
    try {
      await locks.request(name, how, () => {
        const held = new Promise((resolve) => (release = () => resolve(undefined)));
        // What was asked for before the line was left may come after.
        if (how.signal?.aborted) return undefined;
        this.#release = release;
        this.isHeld = true;
        gained();
        return held;
      });
    } catch (error) {
      const isTaken = error instanceof DOMException && error.name === "AbortError";
      if (!isTaken) unavailable();
      else if (this.isHeld && this.#release === release) {
        this.isHeld = false;
        lost();
      }
    }
  }
}
