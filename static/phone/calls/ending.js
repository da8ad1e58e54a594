// @ts-check
/**
 * Why a call is over, as far as this page knows it by itself; the server, which knows more, is asked as well.
 * Words and codes are the server's table (`phone/causes/`), which comes with the page. Pure.
 *
 * @typedef {object} CauseWords
 * @property {string} cause A slug; empty while it is not known.
 * @property {string} words
 * @property {string} remedy The one thing to do; may be empty.
 * @property {string} link A page at Twilio's; may be empty.
 * @property {string} link_name
 *
 * @typedef {object} Causes
 * @property {Record<string, CauseWords>} texts By slug, and closer ones by slug and variant with a colon between.
 * @property {Record<string, {cause: string, variant: string}>} codes By the SDK's codes.
 *
 * @typedef {CauseWords & {isSure: boolean, isFirm?: boolean}} Ending `isSure`: nobody can know better than this page.
 *   `isFirm`: that is the cause, which the server may be able to say closer.
 */

import { formatAddress } from "./dialling/showing.js";
import { formatDuration } from "./words.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { CallView } from "./call-state.js"; */

/** An error this long before the end did not end the call; the server has the same limits. */
const NEAR_END_MS = 15_000;
/** Sound that found no way at all: the SDK tries for half a minute before it says so. */
const NO_WAY_CODE = 53405;
export const NO_WAY_WITHIN_MS = 45_000;
/** The server names the country, and asks Twilio which address it could not ask, and how that failed. */
const CLOSER_BY_SERVER = ["country_not_allowed", "webhook_failed"];
/** The causes behind the verdicts on a microphone that say more than the SDK's code. */
const OF_MICROPHONE = /** @type {Record<string, string>} */ ({
  microphone_denied: "microphone_denied",
  microphone_dismissed: "microphone_denied:dismissed",
  microphone_policy: "microphone_denied:policy",
  microphone_system: "microphone_denied:system",
  microphone_insecure: "microphone_denied:insecure",
  microphone_none: "microphone_missing:none",
  microphone_in_use: "microphone_missing:in_use",
});

/**
 * @param {CallView} call One that is over.
 * @param {object} known
 * @param {number} known.now Milliseconds.
 * @param {Causes} known.causes
 * @param {string} [known.microphone] The verdict on the browser's last refusal of one.
 * @param {boolean} [known.isSentAway] To voicemail, from here.
 * @param {boolean} [known.isNamed] Twilio has named the call, so that others may know of it.
 * @returns {Ending}
 */
export function endingOf(call, { now, causes, microphone = "", isSentAway = false, isNamed = true }) {
  const code = call.error && now - call.error.at <= NEAR_END_MS ? causeOfCode(call, causes, microphone) : "";
  if (code) return { ...textOf(causes, code), isSure: !CLOSER_BY_SERVER.includes(code), isFirm: true };
  if (call.lastEvent === "reject") return { ...textOf(causes, "missed:declined_here"), isSure: false };
  if (isSentAway) return { ...textOf(causes, "missed:sent_away"), isSure: false };
  if (call.openedAt !== null) {
    const words = interpolate(gettext("Call ended after %(time)s."), { time: formatDuration(now - call.openedAt) });
    return { ...textOf(causes, "answered"), words, isSure: false };
  }
  if (call.direction === "incoming") {
    // It may have been answered elsewhere: a number rings everybody of the account.
    const words = interpolate(gettext("%(name)s stopped ringing before you answered."), { name: formatAddress(call.name) });
    return { ...textOf(causes, "missed"), words, isSure: false };
  }
  return isNamed
    ? { ...textOf(causes, "no_answer"), words: gettext("The call was not answered."), isSure: false }
    : { ...textOf(causes, "canceled"), isSure: true };
}

/**
 * @param {CallView} call
 * @param {Causes} causes
 * @param {string} microphone
 * @returns {string} A key of `causes.texts`.
 */
function causeOfCode({ error, openedAt }, causes, microphone) {
  if (!error) return "";
  const known = [error.originalCode, error.code].map((code) => causes.codes[code ?? ""]).find(Boolean);
  if (!known) return "unclear";
  if (known.cause.startsWith("microphone_")) return OF_MICROPHONE[microphone] ?? known.cause;
  const isMedia = error.code === NO_WAY_CODE || error.originalCode === NO_WAY_CODE;
  if (isMedia && openedAt !== null && error.at - openedAt > NO_WAY_WITHIN_MS) return "connection_lost";
  const closer = `${known.cause}:${known.variant}`;
  return closer in causes.texts ? closer : known.cause;
}

/**
 * The server's word joined with the page's own.
 *
 * @param {Ending} own
 * @param {CauseWords} answer
 * @param {Causes} causes
 * @returns {CauseWords}
 */
export function joinEndings(own, answer, causes) {
  if (answer.cause !== "answered" || own.cause !== "answered") return answer;
  // How long it took the page knows best; who hung up only the server.
  const isCloser = answer.words !== causes.texts.answered?.words;
  return { ...answer, words: isCloser ? `${own.words} ${answer.words}` : own.words };
}

/**
 * @param {Causes} causes
 * @param {string} name A slug, or one with its variant.
 * @returns {CauseWords}
 */
export function textOf(causes, name) {
  return causes.texts[name] ?? { cause: name.split(":")[0] ?? "", words: "", remedy: "", link: "", link_name: "" };
}
