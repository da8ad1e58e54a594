// @ts-check
/** The sentence for each reason why what was typed is not called. */

import { getCountryCode, getTrunkPrefix } from "./plans.js";
import { gettext, language } from "../../../texts.js";

/** @import { Fault } from "./faults.js"; */

/** @type {Record<string, string>} */
const SENTENCES = {
  nothing: gettext("There is no number to call."),
  sip: gettext("This phone does not call sip addresses."),
  emergency: gettext("This phone cannot make emergency calls. Please use another phone."),
  no_number: gettext("{typed} is neither a colleague nor a phone number."),
  letters_in_number: gettext("This is not a phone number that can be called: there is a letter among its digits."),
  two_numbers: gettext("This is more than one number. Please call one at a time."),
  service_code: gettext("This is not a phone number that can be called: it begins with * or #."),
  unknown_country_code: gettext("This is not a phone number that can be called: no country has the code that it begins with."),
  area_code_missing: gettext(
    "This is not a phone number that can be called: the area code is missing. Begin with the area code, or with + and the country code.",
  ),
  area_code_missing_after: gettext(
    "This is not a phone number that can be called: the area code is missing. Begin with {trunk} and the area code, or with + and the country code.",
  ),
  other_country: gettext("This is not a phone number that can be called: it looks like one of another country, {country}. To call it, begin with +{code}."),
  too_short: gettext("This is not a phone number that can be called: it is too short for +{code} ({country}). The area code is missing, or digits at the end."),
  too_long: gettext("This is not a phone number that can be called: it is too long for +{code} ({country})."),
  not_in_use: gettext("This is not a phone number that can be called: there is no such number in +{code} ({country}). If it is another country’s, begin with + and its code."),
  extension: gettext("What stands behind the number cannot be dialled. Please check it."),
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
    trunk: trunk === "1" ? "" : trunk,
  };
  const sentence = (values.trunk && SENTENCES[`${reason}_after`]) || SENTENCES[reason];
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * @param {string} country
 * @returns {string} Empty for none.
 */
export function nameOf(country) {
  return country ? (new Intl.DisplayNames([language], { type: "region" }).of(country) ?? country) : "";
}
