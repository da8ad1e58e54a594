// @ts-check
/** Where one types whom to call: the field, the keys, the colleagues. */

import { cleanAddress, formatAddress, isNumber } from "../calls/dialling.js";
import { part } from "./parts.js";

const KEY = /^[0-9*#]$/;
const HOLD_FOR_PLUS_MS = 550;

/**
 * @typedef {object} DiallerHandlers
 * @property {(to: string, callFrom: string, name: string) => void} call
 * @property {(digit: string) => void} digit In a call.
 */

export class Dialler {
  /** In a call the keys send tones; before it they type. */
  isInCall = false;
  #last = "";

  /** @param {DiallerHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.field = /** @type {HTMLInputElement} */ (part("to"));
    this.callFrom = /** @type {HTMLSelectElement} */ (part("call-from"));
    this.people = [...part("colleagues").querySelectorAll("button")];
    this.#listen();
  }

  /**
   * Puts an address into the field, for the person to look at before they call.
   * @param {string} address
   */
  prefill(address) {
    this.field.value = cleanAddress(address);
    this.#changed();
  }

  focus() {
    this.field.focus();
  }

  #listen() {
    part("dialler").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    part("erase").addEventListener("click", () => this.#erase());
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("paste", (event) => this.#paste(event));
    for (const key of part("keys").querySelectorAll("button")) this.#listenToKey(key);
    for (const person of this.people) person.addEventListener("click", () => this.#choose(person));
    document.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** @param {HTMLButtonElement} key Holding 0 down types +, as on any phone. */
  #listenToKey(key) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let held;
    let isPlus = false;
    key.addEventListener("pointerdown", () => {
      isPlus = false;
      if (key.value !== "0" || this.isInCall) return;
      held = setTimeout(() => {
        isPlus = true;
        this.#type("+");
      }, HOLD_FOR_PLUS_MS);
    });
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
      key.addEventListener(end, () => clearTimeout(held));
    }
    key.addEventListener("click", () => {
      if (!isPlus) this.#press(key.value);
      isPlus = false;
    });
  }

  /** @param {KeyboardEvent} event A digit typed anywhere but in a field is meant for the keypad. */
  #typed(event) {
    if (!KEY.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("input, select, textarea")) return;
    event.preventDefault();
    this.#press(event.key);
  }

  /** @param {string} digit */
  #press(digit) {
    if (this.isInCall) this.handlers.digit(digit);
    else this.#type(digit);
  }

  /** @param {string} text */
  #type(text) {
    const { selectionStart, selectionEnd, value } = this.field;
    this.field.setRangeText(text, selectionStart ?? value.length, selectionEnd ?? value.length, "end");
    this.#changed();
  }

  #erase() {
    this.field.value = this.field.value.slice(0, -1);
    this.#changed();
    this.focus();
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!isNumber(text)) return;
    event.preventDefault();
    this.#type(cleanAddress(text));
  }

  #changed() {
    const typed = this.field.value.trim().toLowerCase();
    part("erase").hidden = typed === "";
    for (const person of this.people) {
      const known = `${person.dataset.name} ${person.dataset.email}`.toLowerCase();
      const isLikely = typed === "" || isNumber(typed) || known.includes(typed);
      person.classList.toggle("is-unlikely", !isLikely);
    }
  }

  /** @param {HTMLButtonElement} person Two of the same name are told apart by their e-mail addresses. */
  #choose(person) {
    const { name = "", email = "" } = person.dataset;
    const isOnly = this.people.filter((other) => other.dataset.name === name).length === 1;
    this.prefill(isOnly ? name : email);
    this.focus();
  }

  /** With nothing typed, the last number comes back, to be looked at and called again. */
  #submit() {
    const address = cleanAddress(this.field.value);
    if (!address) {
      this.prefill(this.#last);
      this.focus();
      return;
    }
    this.#last = address;
    this.handlers.call(address, this.callFrom.value, formatAddress(address));
  }
}
