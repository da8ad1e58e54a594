// @ts-check
/**
 * The keys for what one does in calls, and the dialog that lists them. Each goes with Alt and Shift: a letter alone
 * would end a call for whoever believes to be typing elsewhere, and is taken by screen readers. Letters that
 * browsers take with Alt and Shift (A B C I N P T W X Z) are none of these.
 */

import { part } from "./parts.js";

/** @type {Record<string, string>} Each letter's deed. */
export const SHORTCUTS = { R: "answer", E: "hang-up", M: "mute", H: "hold", F: "transfer", K: "keypad" };

export class Shortcuts {
  /** @param {(deed: string) => void} press */
  constructor(press) {
    this.press = press;
    this.dialog = /** @type {HTMLDialogElement} */ (part("keys-dialog"));
    part("show-keys").addEventListener("click", () => this.dialog.showModal());
    part("keys-close").addEventListener("click", () => this.dialog.close());
    document.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const isElsewhere = target.closest("input, select, textarea, [contenteditable]") || document.querySelector("dialog[open]");
    if (event.repeat || event.ctrlKey || event.metaKey || isElsewhere) return;
    if (event.key === "?" && !event.altKey) {
      event.preventDefault();
      this.dialog.showModal();
      return;
    }
    const deed = event.altKey && event.shiftKey ? SHORTCUTS[letterOf(event)] : undefined;
    if (!deed) return;
    event.preventDefault();
    this.press(deed);
  }
}

/**
 * A Mac makes another sign of Option and a letter: there, the key's place has to do.
 * @param {KeyboardEvent} event
 */
function letterOf({ key, code }) {
  return /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace(/^Key/, "");
}
