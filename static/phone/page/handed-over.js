// @ts-check
/** What the server handed over with the page, and the browser with its address. */

import { readWanted } from "../calls/dialling/links.js";
import { makeUuid } from "../relay/ids.js";
import { part } from "./parts.js";

/** @import { Causes } from "../calls/ending.js"; */
/** @import { Colleague } from "../calls/whom.js"; */
/** @import { Codes } from "../device/refusals.js"; */
/** @import { Token, Verdict } from "../relay/backend.js"; */
/** @import { Dialling } from "./dialler.js"; */
/** @import { EarlyLine } from "../tabs/early-line.js"; */
/** @import { Facts } from "./support-report.js"; */

/**
 * @typedef {object} PageData
 * @property {string} page_session This page's UUID.
 * @property {Token | null} first_token Where the credentials were proven when the page was made.
 * @property {string} identity Whose phone this is, as Twilio knows them.
 * @property {string} email By what colleagues know them.
 * @property {string} token_url
 * @property {string} socket_path
 * @property {string} whom_url
 * @property {string} suggestions_url
 * @property {string} deed_url With `CALL_SID` and `DEED` where they go.
 * @property {string} do_not_disturb_url
 * @property {boolean} wants_one_device Only one of this person's browsers is to ring.
 * @property {string} here_url Where the server is told that the phone is here.
 * @property {{key: string, keep_url: string, forget_url: string}} push The key is empty where calls wake no browser.
 * @property {string} connection_test_url
 * @property {string} ending_url With `CALL_SID` where the Call's goes.
 * @property {Record<string, string> & {outgoing: string}} sounds Addresses, by the SDK's names.
 * @property {Record<string, Verdict>} verdicts Those that this browser may reach by itself.
 * @property {Record<string, string>} allow_microphone How one allows it, by the browser.
 * @property {Codes} codes Twilio's, and what each speaks of.
 * @property {Causes} causes Why calls end, in words.
 * @property {Facts["product"]} support
 * @property {Dialling} dialling
 * @property {Colleague[]} colleagues Also `{email, state, version}`, for `Presences`.
 * @property {Record<string, string>} presence_words
 */

/** Under which the tab keeps whose page it showed last. */
const LAST_PAGE = "last-page-session";

/**
 * A browser may show a page once more without asking for it: then it is another page, and its token is used up.
 * @returns {PageData}
 */
export function readPageData() {
  const element = document.getElementById("page-data");
  const { first_token, ...data } = JSON.parse(element?.textContent ?? "{}");
  // Nothing but the Device needs the token from here on.
  element?.remove();
  const isRepeated = sessionStorage.getItem(LAST_PAGE) === data.page_session;
  const page_session = isRepeated ? makeUuid() : data.page_session;
  sessionStorage.setItem(LAST_PAGE, page_session);
  const token = first_token && !isRepeated ? { ...first_token, serverNow: first_token.server_now } : null;
  return { ...data, page_session, first_token: token };
}

/** @returns {EarlyLine | undefined} What `early.js` has begun; from now on it begins nothing. */
export function readEarlyLine() {
  const line = Reflect.get(globalThis, "dognboneLine");
  Reflect.set(globalThis, "dognboneLine", null);
  return line ?? undefined;
}

/**
 * Until Twilio's SDK has run, or is known not to come.
 * @param {() => boolean} isHere
 */
export async function sdkRun(isHere) {
  // A page that is complete gets nothing more.
  if (isHere() || document.readyState === "complete") return;
  await new Promise((resolve) => {
    for (const end of ["load", "error"]) part("sdk").addEventListener(end, resolve);
    addEventListener("load", resolve);
  });
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
