// @ts-check
/**
 * Where in plain text the number stands, and what is dialled after the answer.
 *
 * @typedef {object} Chunk Digits that stand together in `text`, from `start` to `end`.
 * @property {string} text
 * @property {number} start
 * @property {number} end
 */

/** @import { Digits } from "./numbering.js"; */

const CHUNK = /(?:[([] *)?(?:\+[ ([]*)?(?:[([] *)?\d(?:[ .()[\]\-_/\\\n]*\d)*[)\]]?/;
/**
 * As people write it in English, French, German, Italian, Polish, Portuguese, Russian, Spanish, Dutch, Swedish,
 * Turkish, Ukrainian, Chinese, Japanese and Korean.
 */
const EXTENSION_WORDS =
  "extension|extensi[oó]n|extn|ext|ex|xtn|xt|x|poste|durchwahl|dw|apparat|app|klappe|kl|interno|int|wewn|wew|ramal|доб|anexo|" +
  "toestel|tst|anknytning|ankn|dahili|внутр|вн|内线|內線|内線|分机|分機|转|轉|내선";
const EXTENSION = new RegExp(
  `[\\s,;(\\[\\-]*(?:(?:${EXTENSION_WORDS})\\.?(?: *n[or]\\.)?[ :#.=\\-]*|[#*~×] *)(\\d{1,20}(?: *[#*]+)?)[)\\]]?`,
  "iuy",
);
/** A pause (`,` or `p`), or waiting for the person (`;` or `w`), which is a pause here. */
const PAUSED = / *(?:[,;]+|[pPwW]+(?=[\d*#,;])) *[\d*#][\d*#,;pPwW]*(?: *[,;]+ *[\d*#][\d*#,;pPwW]*)*/y;
const END_OF_DIALLING = / *[#*]+(?=$|[^\d#*])/y;
const VANITY = /(?:[ .()[\]\-_]*[A-Za-z0-9]+)+/y;
const KEYS = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

/** @param {Chunk} chunk */
export function writtenOf({ text, start, end }) {
  return text.slice(start, end);
}

/** @param {Chunk} chunk */
export function beforeOf({ text, start }) {
  return text.slice(0, start);
}

/** @param {Chunk} chunk */
export function behindOf({ text, end }) {
  return text.slice(end);
}

/**
 * Whether a letter touches a digit, here or further on: then digits may be missing, as in O170.
 * @param {Chunk} chunk
 */
export function isGluedToAWord(chunk) {
  const written = writtenOf(chunk);
  const touchesBefore = !/^[+([]/.test(written) && /\p{L}$/u.test(beforeOf(chunk));
  const touchesBehind = !/[)\]]$/.test(written) && /^\p{L}/u.test(behindOf(chunk));
  return touchesBefore || touchesBehind || /\p{L}\d|\d\p{L}/u.test(behindOf(chunk));
}

/**
 * @param {string} text
 * @returns {Chunk | null}
 */
export function findFirstChunk(text) {
  const found = CHUNK.exec(text);
  return found && { text, start: found.index, end: found.index + found[0].length };
}

/**
 * @param {string} written
 * @returns {Digits}
 */
export function readDigits(written) {
  const at = written.indexOf("(0)");
  const zero = at > 0 ? written.slice(0, at).replace(/\D/g, "").length : -1;
  return { written, groups: written.match(/\d+/g) ?? [], hasPlus: written.includes("+"), bracketedZero: zero };
}

/**
 * What is dialled after the answer: digits, `*`, `#`, `,` for a pause; and the chunk up to its end.
 * @param {Chunk} chunk
 * @returns {{after: string, whole: Chunk}}
 */
export function splitExtension(chunk) {
  const paused = matchAt(PAUSED, chunk);
  if (paused) {
    const after = paused[0].replaceAll(" ", "").replace(/[;pw]/gi, ",");
    return { after, whole: { ...chunk, end: chunk.end + paused[0].length } };
  }
  const found = matchAt(EXTENSION, chunk);
  const after = found ? `,${found[1]?.replaceAll(" ", "")}` : "";
  return { after, whole: { ...chunk, end: chunk.end + (found?.[0].length ?? 0) } };
}

/**
 * Without the # or * with which some phones end a number.
 * @param {Chunk} chunk
 * @returns {Chunk}
 */
export function stripEndOfDialling(chunk) {
  return { ...chunk, end: chunk.end + (matchAt(END_OF_DIALLING, chunk)?.[0].length ?? 0) };
}

/**
 * The ways in which letters behind the digits may be digits, longest first: 1-800-FLOWERS.
 * @param {Chunk} chunk
 * @returns {{written: string, letters: string, whole: Chunk}[]}
 */
export function listVanityReadings(chunk) {
  const [tail = ""] = matchAt(VANITY, chunk) ?? [];
  if (!/[A-Za-z]{3}/.test(tail) || hasLookAlike(writtenOf(chunk) + tail)) return [];
  const ends = [...tail.matchAll(/[A-Za-z0-9]+/g)].map((word) => word.index + word[0].length).reverse();
  return ends
    .map((end) => ({ spelt: tail.slice(0, end), whole: { ...chunk, end: chunk.end + end } }))
    .filter(({ spelt }) => /[A-Za-z]{3}/.test(spelt))
    .map(({ spelt, whole }) => ({
      written: writtenOf(chunk) + spelt.replace(/[A-Za-z]/g, digitOf),
      letters: spelt.replace(/[^A-Za-z]/g, ""),
      whole,
    }));
}

/**
 * @param {string} letter
 * @returns {string} The digit that the letter shares a key with.
 */
function digitOf(letter) {
  return String(KEYS.findIndex((letters) => letters.includes(letter.toUpperCase())) + 2);
}

/**
 * Whether an O or an l stands alone among digits, where a 0 or a 1 may be meant.
 * @param {string} text
 */
function hasLookAlike(text) {
  return /(?<![A-Za-z])[OoIlL]+(?![A-Za-z])/.test(text);
}

/**
 * @param {RegExp} pattern A sticky one.
 * @param {Chunk} chunk
 */
function matchAt(pattern, { text, end }) {
  pattern.lastIndex = end;
  return pattern.exec(text);
}
