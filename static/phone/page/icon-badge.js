// @ts-check
/** What waits, on the icon: of the browser's tab, and of the installed phone where the system has one. */

import { readAddresses } from "./handed-over.js";

export class IconBadge {
  #unseen = 0;
  #ringing = 0;
  /** What it says from before this page, a worker may have set. */
  #drawn = -1;
  #icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel='icon']"));
  #plain = this.#icon.href;

  /** @param {number} unseen Missed calls and messages that nobody has heard. */
  counted(unseen) {
    this.#unseen = unseen;
    this.#draw();
  }

  /** @param {number} ringing Calls. */
  rings(ringing) {
    this.#ringing = ringing;
    this.#draw();
  }

  #draw() {
    const count = this.#unseen + this.#ringing;
    if (count === this.#drawn) return;
    this.#drawn = count;
    this.#icon.href = count ? (readAddresses().badge ?? this.#plain) : this.#plain;
    // Rejects where the phone is not installed, and some browsers have none.
    navigator.setAppBadge?.(count).catch(() => {});
  }
}
