// @ts-check
/** Whom one can call by name, kept as the server tells: in the very list that whoever asks looks into. */

/** @import { Colleague } from "./whom.js"; */

/**
 * @param {Colleague[]} colleagues The list, which is changed.
 * @param {unknown} people Everybody of the company, oneself included; what is none is passed over.
 * @param {string} own One's own e-mail address.
 * @returns {boolean} Whether somebody has come or gone, or is called otherwise.
 */
export function takeColleagues(colleagues, people, own) {
  const told = (Array.isArray(people) ? people : []).filter(
    (one) => typeof one?.email === "string" && typeof one.name === "string" && one.email !== own,
  );
  const known = new Map(colleagues.map(({ email, name }) => [email, name]));
  if (told.length === known.size && told.every(({ email, name }) => known.get(email) === name)) return false;
  colleagues.splice(0, colleagues.length, ...told.map(({ name, email }) => ({ name, email })));
  return true;
}
