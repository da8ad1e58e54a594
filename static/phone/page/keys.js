// @ts-check
/**
 * The keys: those on the page, and those of a keyboard where nothing else wants them. One press is one key,
 * however long it is held.
 *
 * @typedef {object} KeyHandlers
 * @property {() => boolean} isInCall
 * @property {() => boolean} isTyping A key of the keyboard, before a call, has a field to go to.
 * @property {(key: string) => void} press A key of the page.
 * @property {(text: string) => void} type A key of the keyboard, before a call.
 * @property {() => void} enter The keyboard's, with nothing focused.
 */

import { part } from "./parts.js";

const KEY = /^[0-9*#+]$/;
/** In a call there is no +, but there are pauses. */
const TONE = /^[0-9*#,w]$/;
const HOLD_FOR_PLUS_MS = 550;

export class Keys {
  /** @param {KeyHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    for (const key of part("keys").querySelectorAll("button")) this.#listenTo(key);
    document.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** @param {HTMLButtonElement} key Holding 0 down types +, as on any phone. */
  #listenTo(key) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let held;
    let isPlus = false;
    key.addEventListener("pointerdown", () => {
      isPlus = false;
      if (key.value !== "0" || this.handlers.isInCall()) return;
      held = setTimeout(() => {
        isPlus = true;
        this.handlers.press("+");
      }, HOLD_FOR_PLUS_MS);
    });
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
      key.addEventListener(end, () => clearTimeout(held));
    }
    // The mouse leaves the focus where it is: Enter then calls, and does not press the last key again.
    key.addEventListener("mousedown", (event) => event.preventDefault());
    key.addEventListener("click", () => {
      if (!isPlus) this.handlers.press(key.value);
      isPlus = false;
    });
  }

  /** @param {KeyboardEvent} event Typed anywhere but in a field, it is meant for the phone. */
  #typed(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.repeat && target.closest("button")) event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
    const isInCall = this.handlers.isInCall();
    if (!isInCall && !this.handlers.isTyping()) return;
    if (event.key === "Enter" && target === document.body && !event.repeat && !isInCall) this.handlers.enter();
    if (!(isInCall ? TONE : KEY).test(event.key) || target.closest("dialog")) return;
    event.preventDefault();
    if (event.repeat) return;
    if (isInCall) this.handlers.press(event.key);
    else this.handlers.type(event.key);
  }
}
