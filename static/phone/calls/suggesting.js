// @ts-check
/** Whom somebody may mean who types: colleagues, whom the page knows, and whom the server suggests. Pure. */

import { interpolate, ngettext } from "../../texts.js";

/** @import { Suggestion } from "../relay/suggestions.js"; */
/** @import { Colleague } from "./whom.js"; */

export const AT_MOST = 8;
const FEWEST_DIGITS = 3;

/**
 * What the server is asked; empty for what is no question yet.
 * @param {string} typed
 */
export function questionOf(typed) {
  const wanted = typed.trim();
  const digits = wanted.replace(/\D/g, "");
  const isNumber = /^[+\d(][+\d ().\-/]*$/.test(wanted);
  return isNumber && digits.length < FEWEST_DIGITS ? "" : wanted.slice(0, 100);
}

/**
 * Those of whom a word begins as it is typed, then those in whose name or address it stands.
 * @param {string} typed
 * @param {Colleague[]} colleagues
 * @returns {Suggestion[]}
 */
export function colleaguesLike(typed, colleagues) {
  const wanted = fold(typed);
  if (!/\p{L}/u.test(wanted)) return [];
  const begins = (/** @type {Colleague} */ one) =>
    [...fold(one.name).split(" "), one.email].some((word) => word.startsWith(wanted));
  const found = colleagues.filter((one) => fold(`${one.name} ${one.email}`).includes(wanted));
  const inOrder = [...found.filter(begins), ...found.filter((one) => !begins(one))];
  return inOrder.map(({ name, email }) => ({ to: email, name, detail: email }));
}

/**
 * What is shown: each once, and not what stands in the field already.
 * @param {string} typed
 * @param {Suggestion[]} own Colleagues.
 * @param {Suggestion[]} told The server's.
 */
export function suggestionsFor(typed, own, told) {
  const written = writtenAs(typed);
  const all = [...own.slice(0, AT_MOST / 2), ...told, ...own.slice(AT_MOST / 2)];
  const first = new Map(all.toReversed().map((one) => [one.to, one]));
  return all.filter((one) => first.get(one.to) === one && writtenAs(one.to) !== written).slice(0, AT_MOST);
}

/**
 * @param {number} count
 * @returns {string} For who cannot see them.
 */
export function wordsOfCount(count) {
  if (count === 0) return "";
  const words = ngettext(
    "%(count)s suggestion. Press the down arrow to choose.",
    "%(count)s suggestions. Press the down arrow to choose.",
    count,
  );
  return interpolate(words, { count });
}

/** @param {string} text */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").trim().replace(/\s+/g, " ").toLowerCase();
}

/** @param {string} text A number without its groups; anything else in small letters. */
function writtenAs(text) {
  const bare = text.trim().toLowerCase();
  return /^\+?[\d ().\-/,]+$/.test(bare) ? bare.replace(/[^+\d,]/g, "") : bare;
}
