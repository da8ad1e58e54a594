// @ts-check
/** Tells the second click of a double click, wherever it lands, from one that is meant. */

export const DOUBLE_CLICK_MS = 500;
/** A hand that clicks twice keeps the pointer where it is, more or less. */
const STILL_PIXELS = 10;

export class Clicks {
  /** @type {MouseEvent | null} */
  #last = null;
  /** @type {MouseEvent | null} The one before the last. */
  #earlier = null;

  constructor() {
    // While it goes down to its target: each click is known here before anything acts on it.
    document.addEventListener("click", (event) => this.#note(event), { capture: true });
  }

  /** @param {MouseEvent} event One by key has no place. */
  #note(event) {
    if (event.detail === 0) return;
    this.#earlier = this.#last;
    this.#last = event;
  }

  /**
   * @param {MouseEvent} event The last one.
   * @returns {boolean} Whether it came right after one on something else, in the same place.
   */
  isSecond({ timeStamp, clientX, clientY, target }) {
    const before = this.#earlier;
    if (!before || before.target === target || timeStamp - before.timeStamp > DOUBLE_CLICK_MS) return false;
    return Math.hypot(clientX - before.clientX, clientY - before.clientY) <= STILL_PIXELS;
  }
}
