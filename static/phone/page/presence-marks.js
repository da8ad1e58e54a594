// @ts-check
/**
 * Marks how colleagues are, wherever they are listed: in their pane, and in what is suggested. Quietly: a
 * mark is read where one comes by, and is nothing that a screen reader is interrupted for. The list keeps its order
 * while it is shown, so that nobody moves away from under a finger.
 */

/** @import { Presences } from "../calls/presences.js"; */

const LISTED = "[data-part='colleagues'] [data-email]";

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
    document.addEventListener("pane-shown", () => this.look());
    this.look();
    this.#draw();
  }

  /** A list has come, with how they were as it left the server. */
  look() {
    this.heard(readListed());
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
  }

  /**
   * @param {string} email
   * @returns {string} How that colleague is, for whoever is shown them just now; empty for nobody's.
   */
  wordsOf(email) {
    return this.words[this.presences.stateOf(email)] ?? "";
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
