// @ts-check
/** Trying again, with patience. */

/**
 * How long to wait before trying again: doubling, capped, and spread by a quarter either way so
 * that many pages which lost the same server do not come back in the same instant.
 *
 * @param {object} options
 * @param {number} options.attempt 0 for the first repetition.
 * @param {number} options.base Milliseconds.
 * @param {number} options.cap Milliseconds.
 * @param {() => number} [options.random]
 * @returns {number} Milliseconds.
 */
export function backoffDelay({ attempt, base, cap, random = Math.random }) {
  const plain = Math.min(cap, base * 2 ** Math.min(attempt, 20));
  return Math.round(plain * (0.75 + random() / 2));
}

/** One thing that is tried again and again, each time after a longer pause, until it succeeds. */
export class Retry {
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{base: number, cap: number}} pauses Milliseconds: the first, and the longest. */
  constructor(pauses) {
    this.pauses = pauses;
  }

  /**
   * Once, after the next pause; takes the place of a try that is still to come.
   * @param {() => void} act
   * @param {number} [atLeast] Milliseconds.
   */
  after(act, atLeast = 0) {
    clearTimeout(this.#timer);
    const delay = backoffDelay({ attempt: this.#attempt++, ...this.pauses });
    this.#timer = setTimeout(act, Math.max(atLeast, delay));
  }

  /** What is still to come does not; the pauses go on growing. */
  cancel() {
    clearTimeout(this.#timer);
  }

  /** It has succeeded, or begins anew: the next pause is the first. */
  reset() {
    this.#attempt = 0;
  }
}
