// @ts-check
/**
 * Marks how colleagues are, wherever they are listed: in their pane, and in what the dialogs suggest. Quietly: a
 * mark is read where one comes by, and is nothing that a screen reader is interrupted for. The list keeps its order
 * while it is shown, so that nobody moves away from under a finger.
 */

/** @import { Presences } from "../calls/presences.js"; */

const LISTED = "[data-part='colleagues'] [data-email]";
const SUGGESTED = "#whom-people option";

export class PresenceMarks {
  /**
   * @param {object} options
   * @param {Presences} options.presences
   * @param {Record<string, string>} options.words By the state.
   * @param {() => void} options.changed
   */
  constructor({ presences, words, changed }) {
    this.presences = presences;
    this.words = words;
    this.changed = changed;
    document.addEventListener("pane-shown", () => this.heard(readListed()));
    this.heard(readListed());
    this.#draw();
  }

  /** @param {unknown} people As `Presences` hears of them. */
  heard(people) {
    if (!this.presences.heard(people)) return this.#draw();
    this.#draw();
    this.changed();
  }

  #draw() {
    for (const person of listed()) {
      const state = this.presences.stateOf(person.dataset.email ?? "");
      if (!state || person.dataset.state === state) continue;
      person.dataset.state = state;
      const shown = person.querySelector("[data-part='presence']");
      if (shown) shown.textContent = this.words[state] ?? "";
    }
    for (const option of document.querySelectorAll(SUGGESTED)) {
      if (option instanceof HTMLOptionElement) this.#label(option);
    }
  }

  /** @param {HTMLOptionElement} option */
  #label(option) {
    const name = (option.dataset.name ??= option.label);
    const words = this.words[this.presences.stateOf(option.value)];
    const label = words ? `${name} · ${words}` : name;
    if (option.label !== label) option.label = label;
  }
}

/** @returns {HTMLElement[]} */
function listed() {
  return [...document.querySelectorAll(LISTED)].filter((element) => element instanceof HTMLElement);
}

/** What the server has written into the pane. */
function readListed() {
  return listed().map(({ dataset: { email, state, version } }) => ({ email, state, version: Number(version) }));
}
