// @ts-check
/** Asking Dog n Bone's server: for a token, what became of a call, and to do something to a call. */

import { readCallState } from "./call-states.js";
import { gettext, interpolate } from "../../texts.js";
import { nameDeed, readTold } from "../../told.js";

/** @import { CallState } from "./call-states.js"; */
/** @import { Toast } from "../../told.js"; */

/**
 * @typedef {object} Verdict
 * @property {string} code
 * @property {string} title
 * @property {string} explanation
 * @property {string} remedy
 * @property {boolean} blames_credentials
 * @property {{status: number | null, code: number | null, message: string, request_id: string}} [twilio]
 * @property {string} [field]
 * @property {string} [link]
 * @property {string} [link_name] What the page is called that `link` opens.
 *
 * @typedef {object} Token
 * @property {string} token
 * @property {"access" | "capability"} token_kind
 * @property {string} identity
 * @property {string} expires_at ISO 8601
 * @property {Record<string, any>} device Options for the SDK's Device.
 * @property {number} serverNow Milliseconds since the epoch, by the server's clock.
 */

/** The server answered, and the answer is no token. */
export class TokenRefused extends Error {
  /**
   * @param {number} status 401 signed out, 409 no credentials, 422 judged bad, 429 too many, 503 not judged;
   *   0 over the socket, which says no status.
   * @param {Verdict | null} verdict
   * @param {number} retryAfter Milliseconds; 0 where the server did not say.
   */
  constructor(status, verdict, retryAfter) {
    super(`no token: ${status}`);
    this.status = status;
    this.verdict = verdict;
    this.retryAfter = retryAfter;
  }
}

/** The server did not answer: this browser cannot reach it, or it is down. */
export class ServerUnreachable extends Error {}

const PATIENCE_MS = 20_000;
const NOT_KEPT = gettext("The recording was not kept: Dog n Bone’s server did not take it. Please try again.");

/**
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.pageSession
 * @param {string} options.csrfToken
 * @returns {Promise<Token>}
 * @throws {TokenRefused | ServerUnreachable}
 */
export async function fetchToken({ url, pageSession, csrfToken }) {
  const response = await post(url, new URLSearchParams({ page_session: pageSession }), csrfToken);
  const answer = await readAnswer(response);
  if (response.ok && typeof answer.token === "string") {
    const serverNow = Date.parse(response.headers.get("Date") ?? "");
    return { ...answer, serverNow: Number.isNaN(serverNow) ? Date.now() : serverNow };
  }
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  throw new TokenRefused(response.status, answer.verdict ?? null, retryAfter);
}

/**
 * Twilio's word of how a call ended may reach the server after the page has asked, and the server may have to ask
 * Twilio itself: together 9.5 s, and twice more for what comes late.
 */
const ENDING_PAUSES_MS = [400, 600, 1_000, 1_000, 2_000, 2_000, 2_500, 5_000, 10_000];
/** An answer that takes longer is asked for anew: one that never comes must not keep the next from being asked. */
const ENDING_WITHIN_MS = 2_500;

/**
 * @typedef {object} EndingAnswer Why a call is over, as the server knows it.
 * @property {string} cause Empty while it is not known.
 * @property {string} words
 * @property {string} remedy
 * @property {string} link
 * @property {string} link_name
 */

/**
 * Asks why a call is over, until nothing more is to be learnt.
 *
 * @param {string} url
 * @param {(answer: EndingAnswer) => void} heard Called with each answer.
 * @param {number[]} [pauses] Milliseconds between one question and the next, while the end is not settled.
 */
export async function fetchEnding(url, heard, pauses = ENDING_PAUSES_MS) {
  const { isSettled, ...answer } = await askEnding(url);
  heard(answer);
  const [pause, ...rest] = pauses;
  if (isSettled || pause === undefined) return;
  await new Promise((resolve) => setTimeout(resolve, pause));
  await fetchEnding(url, heard, rest);
}

/**
 * A call that the server does not know may be one that Twilio has not told it of yet; without the server the page
 * asks on, for what is a moment to a network is one to a call's end, too.
 *
 * @param {string} url
 * @returns {Promise<EndingAnswer & {isSettled: boolean}>}
 */
async function askEnding(url) {
  let answer = /** @type {Record<string, unknown>} */ ({});
  try {
    const signal = AbortSignal.timeout(ENDING_WITHIN_MS);
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error", signal });
    if (response.ok) answer = await readAnswer(response);
  } catch {
    // The page keeps the words of its own.
  }
  const textOf = (/** @type {string} */ name) => (typeof answer[name] === "string" ? answer[name] : "");
  return {
    cause: textOf("cause"),
    words: textOf("words"),
    remedy: textOf("remedy"),
    link: textOf("link"),
    link_name: textOf("link_name"),
    isSettled: answer.is_settled === true,
  };
}

/**
 * Whom a call to what was typed would reach, by the server; null where it cannot be asked.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.typed
 * @param {string} options.callFrom
 * @param {string} options.csrfToken
 * @returns {Promise<{to: string, name: string, refusal: string, cause: string} | null>}
 */
export async function fetchWhom({ url, typed, callFrom, csrfToken }) {
  try {
    const response = await post(url, new URLSearchParams({ typed, call_from: callFrom }), csrfToken);
    const { to, name, refusal, cause = "" } = response.ok ? await readAnswer(response) : {};
    return to || refusal ? { to, name, refusal, cause } : null;
  } catch (error) {
    if (error instanceof ServerUnreachable) return null;
    throw error;
  }
}

/**
 * @typedef {object} DeedAnswer
 * @property {CallState | null} call What the call is now; null where nothing was done, or the server did not say.
 * @property {boolean} isDone
 * @property {string} cause Why it was not done, by its slug; empty where the server gave none.
 * @property {string} words The same for people, with what to do; empty where it is done.
 * @property {boolean} isAway The server did not answer, or not by itself: to ask again later may help.
 */

const NO_ANSWER =
  gettext("Dog n Bone’s server did not answer. The call goes on as it is shown here: try again in a moment.");
const SIGNED_OUT_HERE = gettext("You are signed out here. Sign in again on another page: the call goes on.");

/**
 * Asks the server to do something to a call.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {Record<string, string>} options.fields
 * @param {string} options.csrfToken
 * @param {boolean} [options.outlivesPage] It arrives also when the page goes meanwhile.
 * @returns {Promise<DeedAnswer>}
 */
export async function askDeed({ url, fields, csrfToken, outlivesPage = false }) {
  try {
    const response = await post(url, new URLSearchParams(fields), csrfToken, outlivesPage);
    const answer = await readAnswer(response);
    if (response.ok) return { call: readCallState(answer.call), isDone: true, cause: "", words: "", isAway: false };
    const told = [answer.words, answer.remedy].filter((words) => words && typeof words === "string").join(" ");
    const cause = typeof answer.cause === "string" ? answer.cause : "";
    const isAway = response.status >= 500 && !told;
    return { call: null, isDone: false, cause, words: told || wordsOfStatus(response.status), isAway };
  } catch (error) {
    if (!(error instanceof ServerUnreachable)) throw error;
    return { call: null, isDone: false, cause: "", words: NO_ANSWER, isAway: true };
  }
}

/** @param {number} status Of an answer without words of its own. */
function wordsOfStatus(status) {
  if (status === 401 || status === 403) return SIGNED_OUT_HERE;
  if (status === 404) return gettext("Dog n Bone’s server does not know this call, so it could not be done.");
  if (status === 429) return gettext("That was asked too often. Wait a moment, then try again.");
  return interpolate(gettext("Dog n Bone’s server could not do it (it answered %(status)s). The call goes on: try again in a moment."), {
    status,
  });
}

/**
 * Hands over a recorded greeting.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {ArrayBuffer} options.wav
 * @param {string} options.csrfToken
 * @returns {Promise<{seconds: number, words: string, toasts: Toast[]}>} Words say why it was not kept; toasts that it was.
 */
export async function sendGreeting({ url, wav, csrfToken }) {
  try {
    const response = await post(url, new Blob([wav], { type: "audio/wav" }), csrfToken);
    const { seconds, words } = await readAnswer(response);
    const toasts = readTold((header) => response.headers.get(header));
    if (response.ok && typeof seconds === "number") return { seconds, words: "", toasts };
    return { seconds: 0, words: typeof words === "string" ? words : NOT_KEPT, toasts };
  } catch (error) {
    if (error instanceof ServerUnreachable) return { seconds: 0, words: NOT_KEPT, toasts: [] };
    throw error;
  }
}

/**
 * @param {string} url
 * @param {URLSearchParams | Blob} body
 * @param {string} csrfToken
 * @param {boolean} [keepalive] The browser sends it also when the page goes: 64 KB at most.
 */
async function post(url, body, csrfToken, keepalive = false) {
  try {
    return await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken, Accept: "application/json", ...nameDeed() },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      keepalive,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new ServerUnreachable("Dog n Bone's server did not answer", { cause: error });
  }
}

/** @param {Response} response */
async function readAnswer(response) {
  try {
    return (await response.json()) ?? {};
  } catch {
    // A proxy's page, or an answer cut short: the status alone must do.
    return {};
  }
}
