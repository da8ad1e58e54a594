// @ts-check
/** What happens to the page as a whole: it loses its network or gets it back, sleeps, is left, comes back. */

import { watchSleep } from "./wake.js";

export class PageLife {
  /** On its way out: what still happens is the leaving's doing, and no news. */
  isLeaving = false;
  /** The page's own policy has stopped a connection. */
  isBlockedByPolicy = false;
  /** Where the page goes once no call is talked on. */
  #wanted = "";

  /**
   * @param {object} handlers
   * @param {() => boolean} handlers.isInCall Whoever leaves then is asked first; the page itself waits.
   * @param {() => void} handlers.startOver What was connected is not to be trusted any more.
   * @param {() => void} handlers.wentOffline
   * @param {() => void} handlers.leaving The last that is heard before the page is gone.
   */
  constructor({ isInCall, startOver, wentOffline, leaving }) {
    this.isInCall = isInCall;
    addEventListener("online", () => startOver());
    addEventListener("offline", () => wentOffline());
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      if (effectiveDirective === "connect-src") this.isBlockedByPolicy = true;
    });
    addEventListener("beforeunload", (event) => {
      if (isInCall() && !this.isLeaving) event.preventDefault();
    });
    addEventListener("pagehide", () => {
      leaving();
      this.isLeaving = true;
    });
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.isLeaving = false;
      startOver();
    });
    watchSleep(startOver);
  }

  /**
   * Goes to another page; during a call, which that would end, only after it.
   * @param {string} address
   * @returns {boolean} Whether it goes at once.
   */
  leaveTo(address) {
    if (this.isInCall()) {
      this.#wanted = address;
      return false;
    }
    this.#wanted = "";
    this.isLeaving = true;
    location.assign(address);
    return true;
  }

  /** A call has changed. */
  callsChanged() {
    if (this.#wanted && !this.isLeaving && !this.isInCall()) this.leaveTo(this.#wanted);
  }
}

/** Whether the page's own policy, or that of a page around it, has no microphone for it: then nobody is asked. */
export function isForbidden() {
  const { featurePolicy } = /** @type {any} */ (document);
  return featurePolicy?.allowsFeature?.("microphone") === false;
}
