// @ts-check
/**
 * In which order the page starts: what registration needs goes first (decision 33), and what others wait for begins
 * once it is known whether this page is the phone and can be, or has had its time.
 */

/** By then the browser has told a tab that is the only one, and Twilio's SDK has come; any other has time. */
export const JOINED_WITHIN_MS = 100;
/** By then a Device is ready, where nothing is slow. */
const SETTLED_WITHIN_MS = 500;

/** While this class is on the document, nothing of the page is laid out. */
const STARTING = "is-starting";

export class Start {
  #tellSettled = () => {};
  /** Until it is known. @type {Promise<void>} */
  #settled = new Promise((resolve) => (this.#tellSettled = resolve));
  #isReady = false;

  /** @param {() => void} ready This page's phone is ready, and is shown so, for the first time. */
  constructor(ready) {
    this.ready = ready;
  }

  /**
   * Nothing is drawn until it is known, or for as long as a Device takes where Twilio's is near: whoever lays a page
   * out hears nothing meanwhile, and the first answers of Twilio's wait for that. What is seen already, because the
   * page's files were long on their way, stays.
   * @returns {Promise<void>} Kept once it is drawn. Until then nothing can have the focus.
   */
  async draw() {
    if (performance.getEntriesByType("paint").length) return;
    const { classList } = document.documentElement;
    classList.add(STARTING);
    await Promise.race([this.#settled, new Promise((resolve) => setTimeout(resolve, JOINED_WITHIN_MS))]);
    classList.remove(STARTING);
  }

  /** @param {string} state Of this page's own Device. */
  deviceIs(state) {
    if (state !== "ready" || this.#isReady) return;
    this.#isReady = true;
    setTimeout(() => this.ready(), 0);
  }

  /** @param {string} state Of the phone, wherever it is, as it is shown here. */
  phoneIs(state) {
    if (state !== "connecting") setTimeout(this.#tellSettled, 0);
  }

  /** @returns {Promise<void>} Kept once what waits may begin. */
  get settled() {
    return Promise.race([this.#settled, new Promise((resolve) => setTimeout(resolve, SETTLED_WITHIN_MS))]);
  }
}
