// @ts-check
/**
 * Whom somebody means by what they typed: a colleague, a number, or nobody who can be called.
 *
 * @typedef {{name: string, email: string}} Colleague
 *
 * @typedef {object} Whom
 * @property {string} to What the server is asked to call: an e-mail address, or a number in E.164 with what
 *   is dialled after the answer; empty for nobody.
 * @property {string} name For people.
 * @property {string} refusal Why nobody is called.
 * @property {string} cause The slug of that.
 * @property {boolean} isCertain Whether the server need not be asked: it may know colleagues of whom the page
 *   has not been told, and tells numbers also while the page cannot.
 */

import { hasLibrary } from "./dialling/plans.js";
import { read } from "./dialling/reading.js";
import { sentenceOf } from "./dialling/reasons.js";
import { formatAddress } from "./dialling/showing.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { Place } from "./dialling/reading.js"; */

/** Numbers that are some, and that are not called from here; the server has the same list. */
const OWN_RULES = ["emergency", "sip"];

/**
 * A colleague is meant by an e-mail address, or by a name that is no number. Without the library, which
 * tells numbers, only an address is known; all else is the server's to decide.
 *
 * @param {string} typed
 * @param {Colleague[]} colleagues
 * @param {Place} place
 * @returns {Whom}
 */
export function findWhom(typed, colleagues, place) {
  const wanted = fold(typed);
  const known = colleagues.find(({ email }) => email === wanted);
  if (known) return { to: known.email, name: known.name, refusal: "", cause: "", isCertain: true };
  if (!hasLibrary()) return { to: typed.trim(), name: typed.trim(), refusal: "", cause: "", isCertain: false };
  const { number, after, fault, isWords } = read(typed, place);
  if (number) return { to: number + after, name: formatAddress(number), refusal: "", cause: "", isCertain: true };
  const [found, ...others] = isWords ? colleagues.filter((colleague) => isCalled(colleague, wanted)) : [];
  if (found && others.length > 0) {
    const facts = { count: others.length + 1, name: typed.trim() };
    const words = gettext("There are %(count)s people called %(name)s. Use the e-mail address.");
    return refuse(interpolate(words, facts), "refused_here");
  }
  if (found) return { to: found.email, name: found.name, refusal: "", cause: "", isCertain: true };
  const { reason, country } = fault ?? { reason: "no_number", country: "" };
  const cause = OWN_RULES.includes(reason) ? "refused_here" : "invalid_number";
  return { ...refuse(sentenceOf({ reason, country }, typed.trim()), cause), isCertain: !isWords };
}

/**
 * @param {Colleague} colleague
 * @param {string} wanted In small letters.
 */
function isCalled({ name, email }, wanted) {
  return fold(name) === wanted || email.split("@")[0] === wanted;
}

/** @param {string} text Without what cannot be seen, which comes along with a copy. */
function fold(text) {
  const seen = text.normalize("NFKC").replace(/\p{Cf}/gu, "");
  return seen.trim().replace(/^client:/, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/**
 * @param {string} refusal
 * @param {string} cause
 * @returns {Whom}
 */
function refuse(refusal, cause) {
  return { to: "", name: "", refusal, cause, isCertain: true };
}
