// @ts-check
/** Emergency numbers, in every form that they are typed in. */

import { stripExitCodes } from "./numbering.js";
import { getCountryCode, getTrunkPrefix, listCountries } from "./plans.js";

/** Nobody means anything else by these, in whichever country. */
const EVERYWHERE = "000|110|112|119|911|999";

/** @typedef {Record<string, string>} EmergencyPatterns Each country's numbers as a regular expression; the server's. */

/**
 * Whether digits call for help in one of the countries, or in the country whose code stands in front.
 *
 * @param {string} digits
 * @param {object} where
 * @param {boolean} where.hasPlus
 * @param {string} where.home Says which digits lead out of the country.
 * @param {string[]} where.countries
 * @param {EmergencyPatterns} where.emergency
 */
export function isEmergency(digits, { hasPlus, home, countries, emergency }) {
  const near = [...new Set([home, ...countries])];
  if (findCores(digits, near).some((core) => matches(core, near, emergency))) return true;
  const abroad = hasPlus ? [digits] : stripExitCodes(digits, home);
  return abroad.some((rest) => isEmergencyAbroad(rest, near, emergency));
}

/**
 * The digits, and what is left of them without the prefix or the code of a country.
 * @param {string} digits
 * @param {string[]} countries
 */
function findCores(digits, countries) {
  const prefixes = countries.flatMap((country) => [getTrunkPrefix(country), getCountryCode(country)]);
  const stripped = prefixes.filter((prefix) => prefix && digits.startsWith(prefix));
  return [digits, ...stripped.map((prefix) => digits.slice(prefix.length))];
}

/**
 * Whether digits, which begin with a country's code, end in its emergency number: 44 999.
 * @param {string} digits
 * @param {string[]} near
 * @param {EmergencyPatterns} emergency
 */
function isEmergencyAbroad(digits, near, emergency) {
  if (matches(digits, near, emergency)) return true;
  return [1, 2, 3].some((length) => {
    const countries = listCountries(digits.slice(0, length));
    const number = digits.slice(length);
    return countries.length > 0 && [number, number.replace(/^0/, "")].some((one) => matches(one, countries, emergency));
  });
}

/**
 * @param {string} digits
 * @param {string[]} countries
 * @param {EmergencyPatterns} emergency
 */
function matches(digits, countries, emergency) {
  const known = countries.map((country) => emergency[country]).filter(Boolean);
  return new RegExp(`^(?:${[EVERYWHERE, ...known].join("|")})$`).test(digits);
}
