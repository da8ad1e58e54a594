// @ts-check
/** The service worker beside the page: made once the phone is ready, so that nothing of the phone waits for it. */

import { scriptAddress } from "../../trusted.js";

const PATIENCE_MS = 15_000;

export class Worker {
  /** @type {Promise<ServiceWorkerRegistration | null>} */
  #registered = Promise.resolve(null);
  #isBegun = false;

  /**
   * @param {string} url
   * @param {(url: string) => void} open A notice was clicked that leads there.
   */
  constructor(url, open) {
    this.url = url;
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      if (data?.type === "open" && typeof data.url === "string") open(data.url);
    });
  }

  /** @returns {boolean} Whether it had not begun. */
  begin() {
    if (this.#isBegun) return false;
    this.#isBegun = true;
    if (!this.url || !("serviceWorker" in navigator)) return true;
    const url = scriptAddress(this.url);
    this.#registered = navigator.serviceWorker.register(url, { scope: "/", updateViaCache: "none" }).then(
      (registration) => registration ?? null,
      // Private windows and some policies allow none: the phone needs none.
      () => null,
    );
    return true;
  }

  /** @returns {Promise<ServiceWorkerRegistration | null>} Once it works; null where there is none. */
  ready = async () => {
    this.begin();
    if (!(await this.#registered)) return null;
    // One that cannot be had whole never comes.
    const never = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
    return /** @type {any} */ (Promise.race([navigator.serviceWorker.ready, never]));
  };

  /**
   * A call rings on the page itself: the notice that has woken this browser for it goes.
   * @param {string} callSid
   */
  pageRings(callSid) {
    navigator.serviceWorker?.controller?.postMessage({ type: "page-rings", call: callSid });
  }
}
