// @ts-check
/**
 * How a microphone that was refused is allowed in this browser. The sentences are the server's
 * (`accounts/verdicts/texts.py`), one a browser. Pure.
 */

/** @import { Verdict } from "../relay/backend.js"; */
/** @import { Causes } from "./ending.js"; */

/** What was refused by the person, who can take it back. */
const DENIED = "microphone_denied";

/**
 * @param {string} userAgent
 * @param {number} touchPoints An iPad says that it is a Mac, which has none.
 * @returns {string} A key of the sentences; empty for a browser that is not known.
 */
export function browserOf(userAgent, touchPoints) {
  const has = (/** @type {RegExp} */ name) => name.test(userAgent);
  if (has(/iPhone|iPad|iPod/) || (has(/Macintosh/) && touchPoints > 1)) return "ios";
  if (has(/Android/)) return has(/Firefox\//) ? "firefox-android" : "android";
  if (has(/Firefox\//)) return "firefox";
  if (has(/Edg\//)) return "edge";
  if (has(/Chrome\//)) return "chrome";
  return has(/Safari\//) ? "safari" : "";
}

/**
 * The words that come with the page, with what to do in this browser.
 *
 * @param {object} words
 * @param {Record<string, Verdict>} words.verdicts
 * @param {Causes} words.causes
 * @param {string | undefined} sentence None for a browser that is not known.
 */
export function tellHowToAllow({ verdicts, causes }, sentence) {
  if (!sentence) return { verdicts, causes };
  const [verdict, cause] = [verdicts[DENIED], causes.texts[DENIED]];
  return {
    verdicts: verdict ? { ...verdicts, [DENIED]: { ...verdict, remedy: sentence } } : verdicts,
    causes: cause ? { ...causes, texts: { ...causes.texts, [DENIED]: { ...cause, remedy: sentence } } } : causes,
  };
}
