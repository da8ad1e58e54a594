// @ts-check
/** The colleagues, where their pane lies beside the phone: chosen by a click, and fewer while a name is typed. */

/** @import { Colleague } from "../calls/whom.js"; */

const PEOPLE = "[data-part='colleagues'] button";

export class ColleagueList {
  /**
   * @param {object} options
   * @param {(person: Colleague) => void} options.choose
   * @param {() => void} options.shown The pane has come.
   */
  constructor({ choose, shown }) {
    document.addEventListener("click", ({ target }) => {
      const person = target instanceof Element ? target.closest(PEOPLE) : null;
      if (person instanceof HTMLElement) choose(read(person));
    });
    document.addEventListener("pane-shown", () => shown());
  }

  /** @param {string} words Leaves out whom they cannot mean; empty for nobody. */
  showLikely(words) {
    for (const person of document.querySelectorAll(PEOPLE)) {
      if (!(person instanceof HTMLElement)) continue;
      const { name, email } = read(person);
      person.classList.toggle("is-unlikely", !`${name} ${email}`.toLowerCase().includes(words.toLowerCase()));
    }
  }
}

/**
 * @param {HTMLElement} person
 * @returns {Colleague}
 */
function read({ dataset: { name = "", email = "" } }) {
  return { name, email };
}
