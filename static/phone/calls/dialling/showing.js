// @ts-check
/** Numbers as people read them: grouped as their country does, while they are typed and afterwards. */

import { getCountryCode, getLibrary, hasLibrary, listCountries } from "./plans.js";
import { nameOf } from "./reasons.js";
import { gettext, interpolate } from "../../../texts.js";

/** @import { Reading } from "./reading.js"; */

const E164 = /^\+\d+$/;
/** Only what is typed on a telephone's keys, and what stands between the groups. */
const TYPED_NUMBER = /^[+\d(][+\d ().\-/]*$/;

/**
 * @param {string} text
 * @returns {boolean} Whether it is a number rather than somebody's name.
 */
export function isNumber(text) {
  return /^\+?[\d*#]+$/.test(text.replace(/[ ().\-]/g, ""));
}

/**
 * A number in groups, with what is dialled after the answer; anything else as it is.
 * @param {string} address
 */
export function formatAddress(address) {
  const bare = address.replace(/^client:/, "");
  const [, number = bare, after = ""] = /^(\+\d+)(,[\d*#,]+)$/.exec(bare) ?? [];
  return after ? interpolate(gettext("%(number)s, then %(digits)s"), { number: formatNumber(number), digits: formatAfter(after) }) : formatNumber(number);
}

/** @param {string} number */
function formatNumber(number) {
  if (!E164.test(number)) return number;
  if (!hasLibrary()) return number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
  return getLibrary().parsePhoneNumberFromString(number)?.formatInternational() ?? number;
}

/**
 * What is dialled after the answer, without the pause that always comes first.
 * @param {string} after
 */
export function formatAfter(after) {
  return after.replace(/^,+/, "").replaceAll(/,+/g, " … ");
}

/**
 * What has been typed so far in the groups of its country; anything but a number as it is, and a number in
 * which "(0)" tells more than its digits.
 * @param {string} typed
 * @param {string} home
 */
export function groupAsTyped(typed, home) {
  if (!TYPED_NUMBER.test(typed) || typed.includes("(0)")) return typed;
  const grouped = new (getLibrary().AsYouType)(/** @type {any} */ (home)).input(digitsOf(typed));
  return digitsOf(grouped) === digitsOf(typed) ? grouped : typed;
}

/** @param {string} text */
function digitsOf(text) {
  return text.replace(/[^+\d]/g, "");
}

/**
 * Beside the field, while somebody types: the country, and once it is whole the number that will be called.
 * @param {string} typed
 * @param {Reading} reading
 * @param {string} home
 */
export function describeTyped(typed, { number, after, country }, home) {
  if (!number) return TYPED_NUMBER.test(typed) ? nameOf(findCountry(typed, home)) : "";
  const called = [nameOf(country), formatNumber(number)].filter(Boolean).join(" · ");
  return after ? interpolate(gettext("%(number)s, then %(digits)s after the answer"), { number: called, digits: formatAfter(after) }) : called;
}

/**
 * @param {string} typed
 * @param {string} home
 * @returns {string} Empty as long as a country code may still go on.
 */
function findCountry(typed, home) {
  if (!typed.startsWith("+") && !typed.startsWith("00")) return home;
  const formatter = new (getLibrary().AsYouType)(/** @type {any} */ (home));
  formatter.input(typed.replace(/^00/, "+"));
  const code = formatter.getCallingCode() ?? "";
  const isHome = code === getCountryCode(home);
  return formatter.getCountry() ?? (isHome ? home : (listCountries(code)[0] ?? ""));
}
