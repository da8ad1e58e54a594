// @ts-check
/** Asking Dog n Bone's server for a token, and what became of a call. */

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
const NOT_KEPT = "The recording was not kept: Dog n Bone’s server did not take it. Please try again.";

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

/** Twilio's word of how a call ended may reach the server after the page has asked: together 7.5 s. */
const ENDING_PAUSES_MS = [500, 1_000, 2_000, 4_000];

/**
 * What the server can say of a call that is over on this page: what its caller was told instead of being
 * connected, or who has taken it; empty for nothing.
 *
 * @param {string} url
 * @param {number[]} [pauses] Milliseconds between one question and the next, while the end is not known.
 * @returns {Promise<string>}
 */
export async function fetchEnding(url, pauses = ENDING_PAUSES_MS) {
  const { words, isSettled } = await askEnding(url);
  const [pause, ...rest] = pauses;
  if (words || isSettled || pause === undefined) return words;
  await new Promise((resolve) => setTimeout(resolve, pause));
  return fetchEnding(url, rest);
}

/** @param {string} url */
async function askEnding(url) {
  try {
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error" });
    const answer = response.ok ? await readAnswer(response) : {};
    return { words: typeof answer.words === "string" ? answer.words : "", isSettled: answer.is_settled !== false };
  } catch {
    // The page keeps the words of its own.
    return { words: "", isSettled: true };
  }
}

/**
 * Whom a call to what was typed would reach, by the server; null where it cannot be asked.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.typed
 * @param {string} options.callFrom
 * @param {string} options.csrfToken
 * @returns {Promise<{to: string, name: string, refusal: string} | null>}
 */
export async function fetchWhom({ url, typed, callFrom, csrfToken }) {
  try {
    const response = await post(url, new URLSearchParams({ typed, call_from: callFrom }), csrfToken);
    const { to, name, refusal } = response.ok ? await readAnswer(response) : {};
    return to || refusal ? { to, name, refusal } : null;
  } catch (error) {
    if (error instanceof ServerUnreachable) return null;
    throw error;
  }
}

/**
 * Hands over a recorded greeting.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {ArrayBuffer} options.wav
 * @param {string} options.csrfToken
 * @returns {Promise<{seconds: number, words: string}>} Words say why it was not kept.
 */
export async function sendGreeting({ url, wav, csrfToken }) {
  try {
    const response = await post(url, new Blob([wav], { type: "audio/wav" }), csrfToken);
    const { seconds, words } = await readAnswer(response);
    if (response.ok && typeof seconds === "number") return { seconds, words: "" };
    return { seconds: 0, words: typeof words === "string" ? words : NOT_KEPT };
  } catch (error) {
    if (error instanceof ServerUnreachable) return { seconds: 0, words: NOT_KEPT };
    throw error;
  }
}

/**
 * @param {string} url
 * @param {URLSearchParams | Blob} body
 * @param {string} csrfToken
 */
async function post(url, body, csrfToken) {
  try {
    return await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken, Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
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
