// @ts-check
/**
 * Shows how far an import of contacts is, while somebody looks at it: asks for it anew every second until it is over,
 * and says that once.
 *
 * @typedef {(url: string, part: string) => Promise<void>} Renew Puts the element `part` of the page at `url` in
 *   the place of the one that is shown.
 */

import { setText } from "./parts.js";

const EVERY_MS = 1000;

export class ImportProgress {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;

  /** @param {Renew} renew */
  constructor(renew) {
    this.renew = renew;
    document.addEventListener("pane-shown", () => this.#look());
    this.#look();
  }

  /** One import after the other may be shown: what was waited for of the one before is not of this. */
  #look() {
    clearTimeout(this.#next);
    if (find()?.dataset.import === "running") this.#next = setTimeout(() => void this.#ask(), EVERY_MS);
  }

  async #ask() {
    const { pathname } = location;
    if (!document.hidden) await this.renew(pathname, "#import-progress").catch(() => undefined);
    // Somebody may have gone on to another pane meanwhile.
    if (location.pathname !== pathname) return;
    const said = find()?.dataset.said;
    if (said) setText("import-said", said);
    else this.#look();
  }
}

/** @returns {HTMLElement | null} */
function find() {
  return document.querySelector("#import-progress");
}
