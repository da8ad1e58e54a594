// @ts-check
/**
 * What the machine sends to the phone that is open: links to telephone numbers, and the shortcuts of its icon. The
 * page stays, and with it the call.
 */

import { readWanted } from "../calls/dialling/links.js";

/**
 * @typedef {object} LaunchHandlers
 * @property {(wanted: string) => void} prefill
 * @property {() => void} dial
 */

export class Launches {
  /** @param {LaunchHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    const { launchQueue } = /** @type {any} */ (globalThis);
    // The first is how this page itself was opened, whose address says it all.
    launchQueue?.setConsumer((/** @type {{targetURL?: string}} */ { targetURL }) => {
      if (targetURL && targetURL !== location.href) this.open(targetURL);
    });
    if (new URLSearchParams(location.search).has("dial")) handlers.dial();
  }

  /** @param {string} address */
  open(address) {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) return;
    const wanted = readWanted(url.search);
    if (wanted) this.handlers.prefill(wanted);
    else if (url.searchParams.has("dial") || url.pathname === "/") this.handlers.dial();
    else this.#show(url.pathname);
  }

  /** @param {string} path Of a pane, which is opened as its link does it. */
  #show(path) {
    for (const link of document.querySelectorAll(".panes a")) {
      if (link instanceof HTMLAnchorElement && link.pathname === path) link.click();
    }
  }
}
