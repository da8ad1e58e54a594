// @ts-check
/**
 * The page's language: `gettext("…")` in it, as Django's catalogue has it (`dognbone/catalogues.py`).
 *
 * The catalogue is a script of its own before the modules, and there is none for English, whose texts are the
 * keys. Names and ways are GNU gettext's, so that Django's makemessages finds what is to be translated: literals
 * alone, and facts by name, `interpolate(gettext("Answered by %(name)s."), { name })`.
 *
 * @typedef {object} Catalogue
 * @property {string} language
 * @property {Record<string, string | string[]>} texts Several for those that go with a number, in gettext's order.
 */

const context = "\u0004";
const catalogue = /** @type {{dognboneTexts?: Catalogue}} */ (globalThis).dognboneTexts;
const texts = catalogue?.texts ?? {};

/** For `Intl`, and all that is written with numbers and times. */
export const language = catalogue?.language ?? "en";

/** For times of day: English is written in many ways, and the browser knows which. @type {string | undefined} */
export const locale = language === "en" ? undefined : language;

/** @param {string} msgid In English. */
export function gettext(msgid) {
  const text = texts[msgid];
  return typeof text === "string" ? text : msgid;
}

/**
 * Where one English text is two in another language: "Open" of a call, and of a door.
 * @param {string} about
 * @param {string} msgid
 */
export function pgettext(about, msgid) {
  const text = texts[about + context + msgid];
  return typeof text === "string" ? text : msgid;
}

/**
 * @param {string} one
 * @param {string} several
 * @param {number} count
 */
export function ngettext(one, several, count) {
  const text = texts[one];
  if (!Array.isArray(text)) return count === 1 ? one : several;
  const rules = new Intl.PluralRules(language);
  return text[rules.resolvedOptions().pluralCategories.indexOf(rules.select(count))] ?? text.at(-1) ?? several;
}

/**
 * @param {string} text With `%(name)s` for a fact.
 * @param {Record<string, string | number>} facts
 */
export function interpolate(text, facts) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => String(facts[name] ?? whole));
}

/**
 * All of them in one sentence: "Hold, Transfer and Add someone".
 * @param {string[]} names
 */
export function listed(names) {
  // Without a comma before the "and".
  return new Intl.ListFormat(language === "en" ? "en-GB" : language).format(names);
}
