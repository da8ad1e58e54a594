// @ts-check
/** What a code that the SDK's Device reports speaks of. Twilio's error pages and the SDK's own table. */

/** About the token, the credentials behind it, or the account: trying again with the same ones is vain. */
const AGAINST_THE_TOKEN = new Set([
  20101, 20104, 20151, 31001, 31102, 31104, 31105, 31201, 31202, 31203, 31204, 31205, 31206, 31207,
]);

/** The way to Twilio's signalling: a socket that did not open, or was lost. */
const ABOUT_THE_NETWORK = new Set([31000, 31003, 31005, 31009, 53001]);

/**
 * @param {number | null} code
 * @param {number | null} originalCode
 * @returns {"token" | "network" | "other"}
 */
export function subjectOf(code, originalCode) {
  for (const known of [originalCode, code]) {
    if (known !== null && AGAINST_THE_TOKEN.has(known)) return "token";
  }
  return code !== null && ABOUT_THE_NETWORK.has(code) ? "network" : "other";
}

/** Verdicts about a login that is over once the Device is ready: they would only frighten. */
const SETTLED_BY_READY = new Set([
  "ok",
  "transient",
  "browser_network",
  "server_network",
  "twilio_unavailable",
  "rate_limited",
  "unclear",
  "token_invalid",
  "token_expired",
]);

/**
 * Whether a verdict that arrives is still news.
 * @param {string} code
 * @param {string} state The Device's, now.
 */
export function isNews(code, state) {
  return code !== "ok" && !(state === "ready" && SETTLED_BY_READY.has(code));
}

/**
 * Whether a verdict is about what is over already, and stays until it is read.
 * @param {string | undefined} code
 */
export function isToBeRead(code) {
  return code === "device_silent";
}

/**
 * The gateway's own code, which the SDK hides behind one of its own.
 * @param {{originalError?: unknown} | undefined} error
 * @returns {number | null}
 */
export function gatewayCode(error) {
  const code = /** @type {{code?: unknown} | undefined} */ (error?.originalError)?.code;
  return typeof code === "number" && Number.isInteger(code) && code >= 0 ? code : null;
}
