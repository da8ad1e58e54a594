// @ts-check
/**
 * Suggestions beneath a field for a number or a name. The field stays a plain field: Enter in it is about what is
 * typed, whatever is suggested. The arrows lead into the list and back, Escape closes it, and how many there are is
 * said once.
 *
 * @typedef {object} SuggestionHandlers
 * @property {(typed: string, signal: AbortSignal) => Promise<Suggestion[]>} ask
 * @property {(suggestion: Suggestion) => void} choose
 * @property {(to: string) => string} presenceOf How a colleague is just now, in words; empty for anybody else.
 * @property {(found: Suggestion[]) => void} [learn] All that the server has named.
 */

import { colleaguesLike, questionOf, suggestionsFor, wordsOfCount } from "../calls/suggesting.js";
import { gettext } from "../../texts.js";

/** @import { Suggestion } from "../relay/suggestions.js"; */
/** @import { Colleague } from "../calls/whom.js"; */

const PAUSE_MS = 80;

export class SuggestionList {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {AbortController | undefined} */
  #asking;

  /**
   * @param {HTMLInputElement} field
   * @param {Element} place What they are put behind.
   * @param {Colleague[]} colleagues
   * @param {SuggestionHandlers} handlers
   */
  constructor(field, place, colleagues, handlers) {
    this.field = field;
    this.colleagues = colleagues;
    this.handlers = handlers;
    this.list = document.createElement("ul");
    this.list.className = "suggestions";
    this.list.setAttribute("aria-label", gettext("Suggestions"));
    this.list.hidden = true;
    this.said = document.createElement("p");
    this.said.className = "unseen";
    this.said.setAttribute("role", "status");
    place.after(this.list, this.said);
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("keydown", (event) => this.#pressed(event));
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
    // The focus stays in the field; where it goes by itself, as by Tab, they close behind it.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    for (const one of /** @type {HTMLElement[]} */ ([field, this.list])) {
      one.addEventListener("focusout", (event) => this.#left(event.relatedTarget));
    }
    field.form?.addEventListener("submit", () => this.close());
    document.addEventListener("pointerdown", ({ target }) => this.#left(target));
  }

  close() {
    clearTimeout(this.#soon);
    this.#asking?.abort();
    this.#draw([]);
  }

  /** @param {EventTarget | null} to */
  #left(to) {
    const isHere = to instanceof Node && (to === this.field || this.list.contains(to));
    if (!isHere) this.close();
  }

  #typed() {
    clearTimeout(this.#soon);
    this.#asking?.abort();
    const typed = this.field.value;
    const question = questionOf(typed);
    if (!question) return this.#draw([]);
    const own = colleaguesLike(typed, this.colleagues);
    this.#draw(suggestionsFor(typed, own, []));
    this.#soon = setTimeout(() => void this.#ask(typed, question, own), PAUSE_MS);
  }

  /**
   * @param {string} typed
   * @param {string} question
   * @param {Suggestion[]} own
   */
  async #ask(typed, question, own) {
    const asking = (this.#asking = new AbortController());
    const told = await this.handlers.ask(question, asking.signal);
    // Meanwhile something else was typed, somebody is called, or a key of the page was pressed.
    if (asking.signal.aborted || this.field.value !== typed || !this.field.checkVisibility()) return;
    this.handlers.learn?.(told);
    if (document.activeElement === this.field) this.#draw(suggestionsFor(typed, own, told));
  }

  /** @param {Suggestion[]} found */
  #draw(found) {
    const isFocused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...found.map((one) => this.#build(one)));
    this.list.hidden = found.length === 0;
    if (isFocused) this.field.focus();
    const words = wordsOfCount(found.length);
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  /** @param {Suggestion} one */
  #build(one) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    const name = document.createElement("b");
    const detail = document.createElement("span");
    name.textContent = one.name;
    detail.textContent = [one.detail, this.handlers.presenceOf(one.to)].filter(Boolean).join(" · ");
    button.append(name, " ", detail);
    button.addEventListener("click", () => {
      this.handlers.choose(one);
      this.field.focus();
      this.close();
    });
    const line = document.createElement("li");
    line.append(button);
    return line;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (this.list.hidden || event.isComposing) return;
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: at < 0 ? at : 0, End: at < 0 ? at : buttons.length - 1 }[event.key];
    if (event.key === "Escape") {
      // Not the dialog around it.
      event.preventDefault();
      this.field.focus();
      this.close();
    } else if (next !== undefined && !(at < 0 && event.key !== "ArrowDown")) {
      event.preventDefault();
      if (next < 0) this.field.focus();
      else buttons[Math.min(next, buttons.length - 1)]?.focus();
    } else if (at >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      // Whoever types on does so in the field.
      this.field.focus();
    }
  }
}
