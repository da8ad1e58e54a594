// @ts-check
/**
 * Why digits are no number that can be called: what is missing, or whose format it is.
 *
 * @typedef {object} Fault
 * @property {string} reason A name in `reasons.js`.
 * @property {string} country The one that is spoken of; empty for none.
 */

import { allOf, parse, parseNational, withoutBracketedZero } from "./numbering.js";
import {
  countDigits,
  getCountryCode,
  getExitPattern,
  getTrunkPrefix,
  listCountries,
  listFormats,
  listLengths,
} from "./plans.js";

/** @import { Digits } from "./numbering.js"; */

/** Asked in this order whose format it is that a number was written in. */
const LIKELY_COUNTRIES =
  "US GB DE FR AU JP KR IT ES CH AT NZ NL BE IE IN BR MX CN ZA SE NO DK FI PL PT CZ HU GR TR RU UA IL SG";
/** Local numbers have so many digits; the rest of a number is its area code. */
const LOCAL_DIGITS = [6, 7, 8];
/** Written in so many groups, a number shows whose it is, even where it might be one of the home country. */
const TELLING_GROUPS = 4;

/**
 * Why digits cannot be called in which `findNumber` finds nothing.
 * @param {Digits} digits
 * @param {string} home
 * @returns {Fault}
 */
export function explain(digits, home) {
  const written = withoutBracketedZero(digits);
  if (digits.hasPlus) return explainInternational(written);
  const trunk = getTrunkPrefix(home);
  const hasTrunk = trunk !== "" && written.startsWith(trunk);
  if (trunk && !hasTrunk && LOCAL_DIGITS.includes(written.length)) {
    return { reason: "area_code_missing", country: home };
  }
  let reason = judgeLength(written, home);
  if (hasTrunk && reason !== "not_in_use") reason = judgeLength(written.slice(trunk.length), home);
  const isAtHome = isGroupedAs(digits.groups, home, hasTrunk ? trunk : "");
  const isTelling = reason !== "not_in_use" || !hasTrunk || digits.groups.length >= TELLING_GROUPS;
  const others = isTelling && !isAtHome ? findOtherCountries(digits, home) : [];
  const [other = ""] = others;
  if (others.length === 1) return { reason: "other_country", country: other };
  const rest = stripCertainExitCode(written, home);
  if (rest) return explainInternational(rest);
  if (others.length === 0 && parse(written, home)) return { reason: "area_code_missing", country: home };
  return { reason: others.length > 0 ? "not_in_use" : reason, country: home };
}

/**
 * Whether digits are grouped as in a country, the last group apart: there some may be missing.
 * @param {string[]} groups
 * @param {string} country
 * @param {string} trunk
 */
function isGroupedAs([first = "", ...groups], country, trunk) {
  const own = [first.startsWith(trunk) ? first.slice(trunk.length) : first, ...groups].filter(Boolean);
  const sizes = own.map((group) => group.length);
  return listFormats(own.join(""), country).some((one) => {
    const parts = [...one.pattern().matchAll(/\(([^()]*)\)/g)];
    const usual = parts.map(([, part]) => countDigits(part).fewest);
    const isAlike = usual.slice(0, -1).every((size, index) => size === sizes[index]);
    return sizes.length > 1 && usual.length === sizes.length && isAlike;
  });
}

/**
 * What follows 00 or the home country's own prefix; empty where neither is there for certain.
 * @param {string} digits
 * @param {string} home
 */
function stripCertainExitCode(digits, home) {
  for (const prefix of [getExitPattern(home), "00"]) {
    if (/^\d+$/.test(prefix) && digits.startsWith(prefix)) return digits.slice(prefix.length);
  }
  return "";
}

/**
 * @param {string} digits
 * @returns {Fault}
 */
function explainInternational(digits) {
  for (const length of [1, 2, 3]) {
    const [country] = listCountries(digits.slice(0, length));
    if (!country) continue;
    const rest = digits.slice(length);
    const trunk = getTrunkPrefix(country);
    const reason = judgeLength(rest, country);
    if (reason === "not_in_use" || !trunk || !rest.startsWith(trunk)) return { reason, country };
    return { reason: judgeLength(rest.slice(trunk.length), country), country };
  }
  return { reason: "unknown_country_code", country: "" };
}

/**
 * What is wrong with digits that are no valid number, as far as their count tells.
 * @param {string} significant
 * @param {string} country
 */
function judgeLength(significant, country) {
  const possible = listLengths(country);
  const formats = listFormats(significant, country).map((one) => countDigits(one.pattern()));
  const usual = possible.filter((length) => formats.some(({ fewest, most }) => fewest <= length && length <= most));
  const lengths = usual.length > 0 ? usual : possible;
  if (significant.length < Math.min(...lengths)) return "too_short";
  return significant.length > Math.max(...lengths) ? "too_long" : "not_in_use";
}

/**
 * The countries whose code or way of writing this has; one where it has it to the letter.
 * @param {Digits} digits
 * @param {string} home
 */
function findOtherCountries(digits, home) {
  const abroad = parse(`+${allOf(digits)}`);
  if (abroad && abroad.countryCallingCode !== getCountryCode(home)) return [abroad.country ?? ""];
  if (digits.groups.length === 1) return [];
  const others = LIKELY_COUNTRIES.split(" ").filter((country) => getCountryCode(country) !== getCountryCode(home));
  const usual = others.flatMap((country) => {
    const number = parseNational(allOf(digits), country);
    return number ? [{ country, written: number.formatNational() }] : [];
  });
  const exact = usual.filter(({ written }) => written === digits.written).map(({ country }) => country);
  const alike = usual.filter(({ written }) => isGroupedLike(digits.groups, written)).map(({ country }) => country);
  if (exact.length > 0) return exact.slice(0, 1);
  // The countries of North America write alike. Only they write three, three and four digits with hyphens.
  return alike[0] === "US" ? ["US"] : alike;
}

/**
 * @param {string[]} groups
 * @param {string} written
 */
function isGroupedLike(groups, written) {
  return groups.join(" ") === written.match(/\d+/g)?.join(" ");
}
