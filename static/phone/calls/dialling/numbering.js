// @ts-check
/**
 * Digits as a number of some country that can be called, by libphonenumber.
 *
 * @typedef {object} Digits
 * @property {string} written
 * @property {string[]} groups Digits that were written together.
 * @property {boolean} hasPlus
 * @property {number} bracketedZero Where "(0)" stands, or -1.
 */

import { getCountryCode, getExitPattern, getLibrary, getTrunkPrefix, listCountries, listFormats } from "./plans.js";

/** @import { PhoneNumber } from "libphonenumber-js/max"; */

/** @param {Digits} digits */
export function allOf({ groups }) {
  return groups.join("");
}

/** @param {Digits} digits */
export function withoutBracketedZero(digits) {
  const all = allOf(digits);
  const at = digits.bracketedZero;
  return at < 0 ? all : all.slice(0, at) + all.slice(at + 1);
}

/**
 * The number that can be called and that the digits mean to somebody in `home`.
 * @param {Digits} digits
 * @param {string} home
 * @returns {PhoneNumber | null}
 */
export function findNumber(digits, home) {
  for (const number of listReadings(digits, home)) if (number) return number;
  return null;
}

/**
 * The likeliest first. Where "(0)" does not belong to the number, it is left out.
 * @param {Digits} digits
 * @param {string} home
 */
function* listReadings(digits, home) {
  for (const written of new Set([allOf(digits), withoutBracketedZero(digits)])) {
    if (digits.hasPlus) {
      yield parseInternational(written);
      continue;
    }
    for (const rest of stripExitCodes(written, home)) yield parseInternational(rest);
    yield parseNational(written, home);
    if (written.startsWith(getCountryCode(home))) yield parseInternational(written);
  }
}

/**
 * Without what leads out of `home`, in each way that it can be read; or without 00.
 * @param {string} digits
 * @param {string} home
 */
export function stripExitCodes(digits, home) {
  const found = new RegExp(`^(?:${getExitPattern(home)})`).exec(digits);
  const ends = found ? [found[0].length] : [];
  if (digits.startsWith("00") && !ends.includes(2)) ends.push(2);
  return ends.map((end) => digits.slice(end));
}

/** @param {string} digits They begin with a country's code. */
function parseInternational(digits) {
  return parse(`+${digits}`) ?? parse(`+${dropOldMobilePrefix(digits)}`);
}

/**
 * Until 2020 a 1 stood before Mexican mobile numbers that were called from abroad.
 * @param {string} digits
 */
function dropOldMobilePrefix(digits) {
  return digits.replace(/^521(\d{10})$/, "52$1");
}

/**
 * Null also where the prefix is left out without which it would be a local number.
 * @param {string} digits
 * @param {string} home
 */
export function parseNational(digits, home) {
  const dialled = home === "MX" ? digits.replace(/^(?:01|044|045|1)(\d{10})$/, "$1") : digits;
  const number = parse(dialled, home);
  return number && !isPrefixMissing(number, dialled) ? number : null;
}

/**
 * @param {string} text
 * @param {string} [country]
 * @returns {PhoneNumber | null}
 */
export function parse(text, country) {
  const options = { extract: false, ...(country && { defaultCountry: /** @type {any} */ (country) }) };
  const number = getLibrary().parsePhoneNumberFromString(text, options);
  return number?.isValid() ? number : null;
}

/**
 * Whether a number's country writes a 0, or the like, before it, and the digits have none.
 *
 * Without it, "12345678" typed in Germany is a local number whose area code nobody knows, and a number
 * of another country would be called here.
 *
 * @param {PhoneNumber} number
 * @param {string} digits
 */
function isPrefixMissing({ nationalNumber, countryCallingCode }, digits) {
  const [country] = listCountries(countryCallingCode);
  if (nationalNumber !== digits || !country) return false;
  const trunk = getTrunkPrefix(country);
  const format = listFormats(nationalNumber, country).find((one) =>
    new RegExp(`^(?:${one.pattern()})$`).test(nationalNumber),
  );
  const rule = String(format?.nationalPrefixFormattingRule() || "").replace(/\$\d/g, "");
  return Boolean(trunk && rule.includes(trunk)) && !format.nationalPrefixIsOptionalWhenFormattingInNationalFormat();
}
