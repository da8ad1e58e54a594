// @ts-check
/** The sentence for each reason why what was typed is not called. */

import { getCountryCode, getTrunkPrefix } from "./plans.js";

/** @import { Fault } from "./faults.js"; */

const NO = "This is not a phone number that can be called:";
/** @type {Record<string, string>} */
const SENTENCES = {
  nothing: "There is no number to call.",
  sip: "This phone does not call sip addresses.",
  emergency: "This phone cannot make emergency calls. Please use another phone.",
  no_number: "{typed} is neither a colleague nor a phone number.",
  letters_in_number: `${NO} there is a letter among its digits.`,
  two_numbers: "This is more than one number. Please call one at a time.",
  service_code: `${NO} it begins with * or #.`,
  unknown_country_code: `${NO} no country has the code that it begins with.`,
  area_code_missing: `${NO} the area code is missing. Begin with {trunk}the area code, or with + and the country code.`,
  other_country: `${NO} it looks like one of another country, {country}. To call it, begin with +{code}.`,
  too_short: `${NO} it is too short for +{code} ({country}). The area code is missing, or digits at the end.`,
  too_long: `${NO} it is too long for +{code} ({country}).`,
  not_in_use: `${NO} there is no such number in +{code} ({country}). If it is another country’s, begin with + and its code.`,
  extension: "What stands behind the number cannot be dialled. Please check it.",
};

/**
 * @param {Fault} fault
 * @param {string} typed
 * @returns {string} For the person who typed it.
 */
export function sentenceOf({ reason, country }, typed) {
  const trunk = country ? getTrunkPrefix(country) : "";
  /** @type {Record<string, string>} */
  const values = {
    typed,
    country: nameOf(country),
    code: country ? getCountryCode(country) : "",
    // North America's 1 is its country code as well, and is seldom written.
    trunk: trunk && trunk !== "1" ? `${trunk} and ` : "",
  };
  return (SENTENCES[reason] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * @param {string} country
 * @returns {string} In English; empty for none.
 */
export function nameOf(country) {
  return country ? (new Intl.DisplayNames(["en"], { type: "region" }).of(country) ?? country) : "";
}
