// @ts-check
/**
 * How colleagues are just now, as the server tells: with the page, with a pane, and by frames. Whatever comes
 * first, the newer word counts.
 *
 * @typedef {"free" | "in_call" | "do_not_disturb" | "away"} PresenceState
 *
 * @typedef {object} Presence
 * @property {PresenceState} state
 * @property {number} version
 */

import { gettext, interpolate } from "../../texts.js";

const STATES = ["free", "in_call", "do_not_disturb", "away"];

/** What to know before one calls; of who is free, nothing. @type {Record<string, string>} */
const HINTS = {
  in_call: gettext("%(name)s is in a call just now."),
  do_not_disturb: gettext("%(name)s does not want to be disturbed."),
  away: gettext("%(name)s is away from the phone."),
};

export class Presences {
  /** By e-mail address. @type {Map<string, Presence>} */
  #known = new Map();

  /**
   * @param {unknown} people Each `{email, state, version}`; what is none is passed over.
   * @returns {boolean} Whether anybody is not what they were.
   */
  heard(people) {
    let isNews = false;
    for (const told of Array.isArray(people) ? people : []) {
      if (typeof told?.email !== "string" || !STATES.includes(told.state) || !Number.isFinite(told.version)) continue;
      const known = this.#known.get(told.email);
      if (known && known.version > told.version) continue;
      isNews ||= known?.state !== told.state;
      this.#known.set(told.email, { state: told.state, version: told.version });
    }
    return isNews;
  }

  /**
   * @param {string} email
   * @returns {PresenceState | ""} Empty where it is not known.
   */
  stateOf(email) {
    return this.#known.get(email)?.state ?? "";
  }

  /**
   * What to know of a colleague before they are called, which is not forbidden; empty for nothing.
   * @param {{name: string, email: string}} colleague
   */
  hintFor({ name, email }) {
    return interpolate(HINTS[this.stateOf(email)] ?? "", { name });
  }
}
