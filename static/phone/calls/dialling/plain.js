// @ts-check
/**
 * Text as it was copied, made plain: ASCII digits and separators, nothing invisible, no link around it.
 *
 * @typedef {object} Plain
 * @property {string} text
 * @property {Map<string, string>} parameters RFC 3966's, their names in small letters.
 */

/** @type {[string, RegExp][]} */
const REPLACED = [
  ["\n", /[\n\t\r\v\f\u2028\u2029]/u],
  // Variation selectors and the key around a digit: an emoji's, not the number's.
  ["", /[\p{Cf}\p{Cc}\ufe00-\ufe0f\u20e3]/u],
  [" ", /\p{Zs}/u],
  ["-", /[\p{Pd}\u2212\u2043\u02d7]/u],
  [".", /[\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65]/u],
  ["/", /[\u2044\u2215]/u],
  ["+", /[\u207a\ufe62\u2795]/u],
];
const SCHEME = /^\s*(?:web\+)?(?:tel|callto|telprompt):\/{0,3}/i;
const PARAMETERS = /;\s*[a-zA-Z][a-zA-Z-]*(?:=|;|$)/;
const TELLING_PARAMETERS = ["ext", "postd", "phone-context", "isub"];
const FULL_WIDTH_OFFSET = 0xfee0;

/**
 * @param {string} typed
 * @returns {Plain}
 */
export function makePlain(typed) {
  let text = [...decodeEscapes(typed)].map(makePlainLetter).join("");
  let isLink = false;
  for (let scheme; (scheme = SCHEME.exec(text)); isLink = true) text = text.slice(scheme[0].length);
  const found = PARAMETERS.exec(text);
  const parameters = readParameters(found ? text.slice(found.index + 1) : "");
  if (!found || (!isLink && !TELLING_PARAMETERS.some((name) => parameters.has(name)))) {
    return { text: trimSpaces(text), parameters: new Map() };
  }
  return { text: trimSpaces(text.slice(0, found.index)), parameters };
}

/**
 * Without percent-encoding, where it is one that can be read.
 * @param {string} typed
 */
function decodeEscapes(typed) {
  try {
    return /%[0-9a-f]{2}/i.test(typed) ? decodeURIComponent(typed.replace(/%(?![0-9a-f]{2})/gi, "%25")) : typed;
  } catch (error) {
    if (error instanceof URIError) return typed;
    throw error;
  }
}

/** @param {string} letter */
function makePlainLetter(letter) {
  if (/\p{Nd}/u.test(letter)) return String(valueOf(letter));
  for (const [plain, letters] of REPLACED) if (letters.test(letter)) return plain;
  if (letter >= "\uff01" && letter <= "\uff5e") {
    return String.fromCharCode(letter.charCodeAt(0) - FULL_WIDTH_OFFSET);
  }
  return letter;
}

/**
 * Unicode keeps the ten digits of a script together, in their order.
 * @param {string} digit
 */
function valueOf(digit) {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}

/**
 * RFC 3966, section 3: `ext=12;phone-context=+44`. The first of a name counts.
 * @param {string} text
 */
function readParameters(text) {
  /** @type {Map<string, string>} */
  const parameters = new Map();
  for (const one of text.split(";")) {
    const [name = "", ...values] = one.split("=");
    const key = trimSpaces(name).toLowerCase();
    if (!parameters.has(key)) parameters.set(key, trimSpaces(values.join("=")));
  }
  return parameters;
}

/** @param {string} text */
function trimSpaces(text) {
  return text.replace(/^ +| +$/g, "");
}
