// @ts-check
/**
 * What support needs to know of this page, as plain text to copy: made here, from what the page knows, so
 * that it can be had when the server is out of reach. No secret, no phone number and no whole SID is in
 * it. It is in English, whatever the page is in: what the server words otherwise stands there by its code alone.
 * `phone/timeline/support_report.py` makes the same for the admin. Pure.
 *
 * @typedef {Report & {at: Date}} Deed Something the phone did.
 *
 * @typedef {object} Facts
 * @property {Date} now
 * @property {string} zone As in `Europe/London`.
 * @property {string} pageSession
 * @property {{version: string, account: string, api_key: string, region: string}} product SIDs by their ends.
 * @property {string} sdk The SDK's version.
 * @property {string} browser
 * @property {boolean} isOnline
 * @property {string} edge Twilio's, empty where the Device was never registered.
 * @property {{server: number | null, call: number | null}} roundTrip Milliseconds.
 * @property {string} state
 * @property {{verdict: Verdict, at: Date, isOver: boolean} | null} found The last verdict.
 * @property {{at: Date, isInCall: boolean, lines: ReadLine[]} | null} test The last
 *   test of the connection.
 * @property {Deed[]} deeds Oldest first.
 */

/** @import { Verdict } from "../relay/backend.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { ReadLine } from "./connection-pane.js"; */

import { language } from "../../texts.js";

const isEnglish = language === "en";
export const MOST_DEEDS = 20;

/** @param {Facts} facts */
export function buildReport(facts) {
  const { now, zone, pageSession, product, sdk, browser, isOnline, edge, roundTrip, state, found } = facts;
  const lines = [
    "Dog n Bone support report",
    `Made: ${now.toISOString()}, by the browser's clock; all times are UTC (zone ${zone}, ${offset(now)})`,
    `Page session: ${pageSession}`,
    `Versions: Dog n Bone ${product.version}, Twilio Voice SDK ${sdk}`,
    `Browser: ${browser}`,
    `Network: ${isOnline ? "online" : "offline"}, says the browser`,
    `Twilio account: …${product.account}, API key …${product.api_key}, region ${product.region}, edge ${edge || "not known"}`,
    `Round trip: to Dog n Bone ${milliseconds(roundTrip.server)}, in the last call to Twilio ${milliseconds(roundTrip.call)}`,
    `Phone: ${state}`,
    ...(found ? wordsOfVerdict(found) : ["Verdict: none"]),
    ...(facts.test ? wordsOfTest(facts.test) : ["Connection test: none"]),
    "",
    `What the phone did last, oldest first (${facts.deeds.length}):`,
    ...facts.deeds.map(wordsOfDeed),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * Text from outside without what must not be passed on.
 * @param {string} text
 */
export function mask(text) {
  return text
    .replace(/\b([A-Z]{2})[0-9a-fA-F]{28}([0-9a-fA-F]{4})\b/g, "$1…$2")
    .replace(/(?=[\w-]*\d)[\w-]{20,}(?:\.[\w-]+){0,2}/g, "…")
    .replace(/\S+@\S+/g, "…@…")
    .replace(/\+?\(?\d(?:[\s().-]{0,2}\d){6,}/g, "(number)");
}

/** @param {NonNullable<Facts["found"]>} found */
function wordsOfVerdict({ verdict, at, isOver }) {
  const { code, status, message, request_id: id } = verdict.twilio ?? {};
  const said = [status && `HTTP ${status}`, code && `code ${code}`, message, id && `request ${id}`];
  const when = `since ${at.toISOString()}${isOver ? ", over by now" : ""}`;
  const lines = [`Verdict: ${verdict.code}, ${isEnglish ? `“${verdict.title}”, ` : ""}${when}`];
  if (said.some(Boolean)) lines.push(`Twilio said: ${mask(said.filter(Boolean).join(", "))}`);
  return lines;
}

/** @param {NonNullable<Facts["test"]>} test */
function wordsOfTest({ at, isInCall, lines }) {
  const bad = lines.filter(({ result }) => result === "bad").length;
  return [
    `Connection test: ${bad} of ${lines.length} bad, at ${at.toISOString()}${isInCall ? ", in a call" : ""}`,
    ...lines.map((line) => `  ${wordsOfLine(line)}`),
  ];
}

/** @param {ReadLine} line */
function wordsOfLine({ check, finding, value, name, result, words }) {
  if (isEnglish) return `${name}: ${result}. ${words}`;
  return `${check}: ${result}, ${[finding, value].filter((one) => one !== undefined).join(" ")}`;
}

/** @param {Deed} deed */
function wordsOfDeed({ at, state, sdk_event, code, original_code: original, message }) {
  const codes = [code, original].filter((one) => one != null).join("/");
  const words = [state, sdk_event, codes && `code ${codes}`, mask(message ?? "")];
  return `${at.toISOString()} ${words.filter(Boolean).join(" · ")}`;
}

/** @param {number | null} time */
function milliseconds(time) {
  return time === null ? "not known" : `${Math.round(time)} ms`;
}

/** @param {Date} now */
function offset(now) {
  const minutes = -now.getTimezoneOffset();
  const two = (/** @type {number} */ n) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  return `UTC${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
