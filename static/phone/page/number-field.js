// @ts-check
/** The field for a number or a name: typed into, keyed into, and a number in it grouped as it grows. */

import { groupAsTyped } from "../calls/dialling/showing.js";
import { hasLibrary } from "../calls/dialling/plans.js";
import { part } from "./parts.js";

export class NumberField {
  /** What it held when it was last grouped here. */
  #grouped = "";

  /**
   * @param {object} options
   * @param {() => string} options.getHome The country whose numbers are typed.
   * @param {() => void} options.changed
   */
  constructor({ getHome, changed }) {
    this.getHome = getHome;
    this.changed = changed;
    this.field = /** @type {HTMLInputElement} */ (part("to"));
    this.field.addEventListener("input", (event) => this.#typed(/** @type {InputEvent} */ (event)));
    part("erase").addEventListener("click", () => this.#erase());
  }

  /** @param {string} text Goes where the caret is. */
  type(text) {
    const { selectionStart, selectionEnd, value } = this.field;
    this.field.setRangeText(text, selectionStart ?? value.length, selectionEnd ?? value.length, "end");
    this.#group();
    this.changed();
  }

  /** @param {InputEvent} event What is taken away must not come back as a bracket or a space. */
  #typed({ inputType }) {
    if (!inputType?.startsWith("delete")) this.#group();
    else if (this.#grouped.startsWith(this.field.value)) this.#grouped = this.field.value;
    this.changed();
  }

  /**
   * Groups what is keyed in at its end. Groups of the person's own are left alone: they tell whose number it is.
   */
  #group() {
    const { selectionStart, value } = this.field;
    const isAtEnd = selectionStart === null || selectionStart === value.length;
    const added = value.startsWith(this.#grouped) ? value.slice(this.#grouped.length) : value;
    if (!hasLibrary() || !isAtEnd || !/^\+?\d+$/.test(added)) return;
    this.#grouped = this.field.value = groupAsTyped(value, this.getHome());
  }

  #erase() {
    this.field.value = this.field.value.slice(0, -1);
    this.changed();
    this.field.focus();
  }
}
