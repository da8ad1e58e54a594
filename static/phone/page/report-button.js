// @ts-check
/** The button that copies the support report; where the browser forbids that, the text is shown instead. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

const COPIED = gettext("Copied. Paste it into your message to support.");
const NOT_COPIED = gettext("This browser does not let the page copy. Here it is, to be copied by hand:");

export class ReportButton {
  /** @param {{supportReport: () => string}} handlers */
  constructor(handlers) {
    part("copy-report").addEventListener("click", () => void this.#copy(handlers.supportReport()));
  }

  /** @param {string} report */
  async #copy(report) {
    const isCopied = await tryToCopy(report);
    setText("report-note", isCopied ? COPIED : NOT_COPIED);
    const field = /** @type {HTMLTextAreaElement} */ (part("report-text"));
    field.hidden = isCopied;
    field.value = report;
    if (!isCopied) field.select();
  }
}

/** @param {string} text */
async function tryToCopy(text) {
  try {
    // Without https there is no clipboard at all.
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return false;
    throw error;
  }
}
