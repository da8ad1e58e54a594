// @ts-check
/**
 * What somebody typed or pasted: a number that can be called, or why it is none. Whole, or not at all.
 * The server holds the same rules, in `phone/calls/dialling/`, and both run the cases in `tests/dialling/`.
 *
 * @typedef {object} Reading
 * @property {string} number In E.164; empty for none.
 * @property {string} after What is dialled after the answer: digits, `*`, `#`, a `,` for each pause.
 * @property {string} country The number's; empty where it is no country's.
 * @property {Fault | null} fault Why there is no number.
 * @property {boolean} isWords Without a number: whether the text may be somebody's name.
 *
 * @typedef {object} Place Where somebody is who types.
 * @property {string} home ISO 3166-1 alpha-2: the country whose numbers they type.
 * @property {string[]} countries Others, whose emergency numbers are none to call either.
 * @property {EmergencyPatterns} emergency
 */

import { isEmergency } from "./emergency.js";
import { explain } from "./faults.js";
import {
  beforeOf,
  behindOf,
  findFirstChunk,
  isGluedToAWord,
  listVanityReadings,
  readDigits,
  splitExtension,
  stripEndOfDialling,
  writtenOf,
} from "./grammar.js";
import { allOf, findNumber, withoutBracketedZero } from "./numbering.js";
import { makePlain } from "./plain.js";

/** @import { PhoneNumber } from "libphonenumber-js/max"; */
/** @import { EmergencyPatterns } from "./emergency.js"; */
/** @import { Fault } from "./faults.js"; */
/** @import { Chunk } from "./grammar.js"; */
/** @import { Digits } from "./numbering.js"; */
/** @import { Plain } from "./plain.js"; */

/** What the field and the webhook take. */
const LONGEST_TYPED = 200;
/** Numbers whose letters are words wherever they are; others are only where the letters are capitals. */
const WORDED = ["TOLL_FREE", "SHARED_COST", "PREMIUM_RATE", "UAN"];
/** So many digits among words are meant as a number, and a wrong one is explained as such. */
const DIGITS_OF_A_NUMBER = 7;
/** So many letters among them are slips; more are a word, or somebody's identity. */
const FEW_LETTERS = 3;

/**
 * @param {string} typed
 * @param {Place} place
 * @returns {Reading}
 */
export function read(typed, place) {
  if (/^\s*sips?:/i.test(typed)) return refuse("sip");
  if ([...typed].length > LONGEST_TYPED) return refuse("no_number", true);
  const plain = placeInContext(makePlain(typed));
  const text = plain.text.trim();
  if (!text) return refuse("nothing");
  if (/^[*#]+ *\d/.test(text)) return refuseCode(text, place);
  const chunk = text.includes("@") || text.includes("://") ? null : findFirstChunk(text);
  return chunk ? readChunk(chunk, plain, place) : refuse("no_number", true);
}

/**
 * A local number behind its context: RFC 3966, section 5.1.5. A domain says nothing to us.
 * @param {Plain} plain
 * @returns {Plain}
 */
function placeInContext(plain) {
  const context = plain.parameters.get("phone-context") ?? "";
  return context.startsWith("+") && !plain.text.startsWith("+") ? { ...plain, text: context + plain.text } : plain;
}

/**
 * @param {string} text
 * @param {Place} place
 */
function refuseCode(text, place) {
  const isForHelp = isEmergency(text.replace(/\D/g, ""), { ...place, hasPlus: false });
  return refuse(isForHelp ? "emergency" : "service_code");
}

/**
 * @param {Chunk} chunk
 * @param {Plain} plain
 * @param {Place} place
 * @returns {Reading}
 */
function readChunk(chunk, plain, place) {
  const digits = readDigits(writtenOf(chunk));
  const { after, whole: extended } = splitExtension(chunk);
  const whole = stripEndOfDialling(extended);
  const isWords = hasLetter(beforeOf(whole) + behindOf(whole));
  const isGlued = isGluedToAWord(after ? whole : chunk);
  if (!isGlued && isForHelp(digits, chunk, place)) return refuse("emergency");
  const vanity = !after && hasLetter(behindOf(chunk)) ? readVanity(chunk, place) : null;
  if (vanity) return vanity;
  if (isGlued) {
    const letters = chunk.text.replace(/\P{L}/gu, "");
    const isMeant = chunk.text.replace(/\D/g, "").length >= DIGITS_OF_A_NUMBER && [...letters].length <= FEW_LETTERS;
    return refuse(isMeant ? "letters_in_number" : "no_number", true);
  }
  if (/\d/.test(behindOf(whole))) return refuse("two_numbers", isWords);
  if (isTwoNumbers(chunk, after, place)) return refuse("two_numbers", isWords);
  const number = findNumber(digits, place.home);
  if (!number) {
    const isFew = isWords && allOf(digits).length < DIGITS_OF_A_NUMBER;
    return isFew ? refuse("no_number", true) : { ...refuse("", isWords), fault: explain(digits, place.home) };
  }
  return accept(number, after || readAfter(plain.parameters));
}

/**
 * @param {Digits} digits
 * @param {Chunk} chunk
 * @param {Place} place
 */
function isForHelp(digits, { text }, place) {
  const everything = hasLetter(text) ? "" : text.replace(/\D/g, "");
  return [allOf(digits), withoutBracketedZero(digits), everything].some((one) =>
    isEmergency(one, { ...place, hasPlus: digits.hasPlus }),
  );
}

/**
 * The number that digits and letters make together; null where they make none.
 * @param {Chunk} chunk
 * @param {Place} place
 */
function readVanity(chunk, { home }) {
  if (findNumber(readDigits(writtenOf(chunk)), home)) return null;
  for (const { written, letters, whole } of listVanityReadings(chunk)) {
    const number = findNumber(readDigits(written), home);
    const isMeant = letters === letters.toUpperCase() || WORDED.includes(number?.getType() ?? "");
    const { after, whole: extended } = splitExtension(whole);
    if (number && isMeant && !/\d/.test(behindOf(extended))) return accept(number, after);
  }
  return null;
}

/**
 * Whether a number stands before a slash, or behind a comma that then is no pause.
 * @param {Chunk} chunk
 * @param {string} after
 * @param {Place} place
 */
function isTwoNumbers(chunk, after, { home }) {
  const written = writtenOf(chunk);
  const starts = [...written.matchAll(/[/\\\n]/g)].map(({ index }) => written.slice(0, index));
  const [, behind] = /^,(\d{7,})$/.exec(after) ?? [];
  return [...starts, ...(behind ? [behind] : [])].some((one) => findNumber(readDigits(one), home));
}

/**
 * What a link says is dialled after the answer: `ext` of RFC 3966, `postd` of RFC 2806.
 * @param {Map<string, string>} parameters
 */
function readAfter(parameters) {
  const [extension = "", dialled = ""] = ["ext", "postd"].map((name) => parameters.get(name)?.replace(/[-.() ]/g, ""));
  const posted = dialled && `,${dialled.replace(/[pw]/gi, ",")}`.replaceAll(",,", ",");
  return (extension && `,${extension}`) + posted;
}

/**
 * @param {PhoneNumber} number
 * @param {string} after
 * @returns {Reading}
 */
function accept(number, after) {
  if (!/^[\d*#,]*$/.test(after)) return refuse("extension");
  return { number: number.number, after, country: number.country ?? "", fault: null, isWords: false };
}

/** @param {string} text */
function hasLetter(text) {
  return /\p{L}/u.test(text);
}

/**
 * @param {string} reason
 * @param {boolean} [isWords]
 * @returns {Reading}
 */
function refuse(reason, isWords = false) {
  return { number: "", after: "", country: "", fault: { reason, country: "" }, isWords };
}
