// @ts-check
/**
 * What libphonenumber knows of a country's numbers. It is loaded once the phone is ready; until
 * `useLibrary` has been called there is none, and nothing in this folder can decide.
 */

/** @import * as Library from "libphonenumber-js/max"; */

/** @type {typeof Library | null} */
let library = null;

/** @param {typeof Library} loaded libphonenumber-js, with its `max` metadata: the others cannot tell what is valid. */
export function useLibrary(loaded) {
  library = loaded;
}

export function hasLibrary() {
  return library !== null;
}

export function getLibrary() {
  if (!library) throw new Error("libphonenumber-js has not been loaded yet.");
  return library;
}

/**
 * @param {string} country
 * @returns {any} The package's types leave out most of what it exports here.
 */
function planOf(country) {
  const metadata = new (getLibrary().Metadata)();
  metadata.selectNumberingPlan(/** @type {any} */ (country));
  return metadata.numberingPlan;
}

/**
 * What is dialled in a country before a number of another, as a regular expression.
 * @param {string} country
 * @returns {string}
 */
export function getExitPattern(country) {
  return planOf(country).IDDPrefix() || "00";
}

/**
 * @param {string} digits
 * @returns {string[]} Those that share a country code, first the one whose plan counts; empty for a code of none.
 */
export function listCountries(digits) {
  const metadata = /** @type {any} */ (new (getLibrary().Metadata)());
  /** @type {string[]} */
  const countries = metadata.getCountryCodesForCallingCode(digits) ?? [];
  return countries.filter((country) => country !== "001");
}

/**
 * How many digits a number has that is called from abroad, without the country code.
 * @param {string} country
 * @returns {number[]}
 */
export function listLengths(country) {
  return planOf(country).possibleLengths();
}

/**
 * The ways in which a country writes numbers that begin like this one.
 * @param {string} significant
 * @param {string} country
 * @returns {any[]}
 */
export function listFormats(significant, country) {
  return planOf(country)
    .formats()
    .filter((/** @type {any} */ one) => {
      const starts = one.leadingDigitsPatterns();
      return starts.length === 0 || new RegExp(`^(?:${starts.at(-1)})`).test(significant);
    });
}

/**
 * The fewest and the most digits that a format's pattern takes, such as `(\d{3})(\d{4,8})`.
 * @param {string} pattern
 */
export function countDigits(pattern) {
  let fewest = 0;
  let most = 0;
  for (const [, low, high] of pattern.matchAll(/(?:\\d|\[[^\]]*\]|\d)(?:\{(\d+)(?:,(\d+))?\})?/g)) {
    fewest += Number(low ?? 1);
    most += Number(high ?? low ?? 1);
  }
  return { fewest, most };
}

/** @param {string} country */
export function getCountryCode(country) {
  return String(getLibrary().getCountryCallingCode(/** @type {any} */ (country)));
}

/**
 * The digits before a number that is called from elsewhere in a country; empty where there are none.
 * @param {string} country
 * @returns {string}
 */
export function getTrunkPrefix(country) {
  return planOf(country).nationalPrefix() || "";
}
