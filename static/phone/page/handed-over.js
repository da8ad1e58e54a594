// @ts-check
/** What the server handed over with the page, and the browser with its address. */

import { readWanted } from "../calls/dialling/links.js";
import { part } from "./parts.js";

/** @import { Causes } from "../calls/ending.js"; */
/** @import { Colleague } from "../calls/whom.js"; */
/** @import { Codes } from "../device/refusals.js"; */
/** @import { Verdict } from "../relay/backend.js"; */
/** @import { Dialling } from "./dialler.js"; */
/** @import { Facts } from "./support-report.js"; */

/**
 * @typedef {object} PageData
 * @property {string} identity Whose phone this is, as Twilio knows them.
 * @property {string} token_url
 * @property {string} socket_path
 * @property {string} whom_url
 * @property {string} suggestions_url
 * @property {string} deed_url With `CALL_SID` and `DEED` where they go.
 * @property {string} do_not_disturb_url
 * @property {string} ending_url With `CALL_SID` where the Call's goes.
 * @property {Record<string, string> & {outgoing: string}} sounds Addresses, by the SDK's names.
 * @property {Record<string, Verdict>} verdicts Those that this browser may reach by itself.
 * @property {Codes} codes Twilio's, and what each speaks of.
 * @property {Causes} causes Why calls end, in words.
 * @property {Facts["product"]} support
 * @property {Dialling} dialling
 * @property {Colleague[]} colleagues
 */

/** @returns {PageData} */
export function readPageData() {
  return JSON.parse(document.getElementById("page-data")?.textContent ?? "{}");
}

/** @returns {DOMStringMap} Addresses of other pages and of the icon. */
export function readAddresses() {
  return part("phone").dataset;
}

/**
 * @param {string} path
 * @returns {string} As a WebSocket's address on the page's own server.
 */
export function socketUrlOf(path) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}

/** Read anew each time, because signing in changes it. */
export function readCsrfToken() {
  const pair = document.cookie.split("; ").find((cookie) => cookie.startsWith("csrftoken="));
  return pair ? decodeURIComponent(pair.slice("csrftoken=".length)) : "";
}

/** @returns {string} Whom the link to this page asks to call; empty for nobody. */
export function readWantedCall() {
  return readWanted(location.search);
}
