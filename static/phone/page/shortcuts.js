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
    const isForList = event.key === "?" && !event.ctrlKey && !event.metaKey;
    const deed = deedOf(event);
    if (event.repeat || isElsewhere || !(isForList || deed)) return;
    event.preventDefault();
    if (deed) this.press(deed);
    else this.dialog.showModal();
  }
}

/**
 * A Mac makes another sign of Option and a letter: there, the key's place has to do.
 *
 * @param {Pick<KeyboardEvent, "key" | "code" | "altKey" | "shiftKey" | "ctrlKey" | "metaKey">} event
 * @returns {string} Empty for none.
 */
export function deedOf({ key, code, altKey, shiftKey, ctrlKey, metaKey }) {
  if (!altKey || !shiftKey || ctrlKey || metaKey) return "";
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace(/^Key/, "");
  return SHORTCUTS[letter] ?? "";
}
