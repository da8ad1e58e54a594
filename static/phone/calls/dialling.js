// @ts-check
/** What somebody typed or pasted, as what is to be dialled. Pure. */

const KEYS = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"];
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const SPELT_NUMBER = /^\+?[(\d][\d\s().\p{Pd}/]{2,}[A-Za-z][A-Za-z\d\s().\p{Pd}/]*$/u;
const PLAIN_NUMBER = /^\+?[\d\s().\p{Pd}/*#]*[\d*#][\d\s().\p{Pd}/*#]*$/u;

/**
 * @param {string} letter
 * @returns {string} The digit that the letter shares a key with.
 */
export function digitOf(letter) {
  const key = KEYS.findIndex((letters) => letters.includes(letter.toLowerCase()));
  return key === -1 ? letter : String(key + 2);
}

/**
 * Cleans a number; leaves a name, an e-mail address or a `client:` address as it is.
 * Letters become digits only in what is clearly a number, such as `1-800-FLOWERS`.
 *
 * @param {string} text
 * @returns {string}
 */
export function cleanAddress(text) {
  const plain = text.replace(INVISIBLE, "").replace(/\s+/g, " ").trim().replace(/^(tel|callto):/i, "");
  if (PLAIN_NUMBER.test(plain)) return onlyDigits(plain);
  if (SPELT_NUMBER.test(plain) && countDigits(plain) >= 3) {
    return onlyDigits(plain.replace(/[A-Za-z]/g, digitOf));
  }
  return plain;
}

/**
 * @param {string} text
 * @returns {boolean} Whether it is a number rather than somebody's name.
 */
export function isNumber(text) {
  return /^\+?[\d*#]+$/.test(cleanAddress(text));
}

/**
 * A number in groups, for reading; anything else as it is.
 * @param {string} address
 */
export function formatAddress(address) {
  const bare = address.replace(/^client:/, "");
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(bare);
  if (american) return `+1 ${american[1]} ${american[2]} ${american[3]}`;
  const london = /^\+44(20)(\d{4})(\d{4})$/.exec(bare);
  if (london) return `+44 ${london[1]} ${london[2]} ${london[3]}`;
  const british = /^\+44(\d{4})(\d{6})$/.exec(bare);
  if (british) return `+44 ${british[1]} ${british[2]}`;
  return bare;
}

/** @param {string} text */
function onlyDigits(text) {
  // "+44 (0)20 …" is how the British write both forms at once; the bracketed 0 is never dialled.
  const local = text.startsWith("+") ? text.replace(/\(0\)/, "") : text;
  return local.replace(/[^\d+*#]/g, "").replace(/(?!^)\+/g, "");
}

/** @param {string} text */
function countDigits(text) {
  return text.replace(/\D/g, "").length;
}
