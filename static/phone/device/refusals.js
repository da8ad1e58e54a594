// @ts-check
/**
 * What a code that the SDK's Device reports speaks of. The codes are the server's table
 * (`accounts/verdicts/device_codes.py`), which comes with the page.
 *
 * @typedef {object} CodeFacts
 * @property {"token" | "network" | "other"} subject `token`: trying again with the same one is vain.
 *
 * @typedef {Record<string, CodeFacts>} Codes By the code.
 */

/**
 * @param {Codes} codes
 * @param {number | null} code
 * @param {number | null} originalCode
 * @returns {CodeFacts["subject"]}
 */
export function subjectOf(codes, code, originalCode) {
  for (const known of [originalCode, code]) {
    if (known !== null && codes[known]?.subject === "token") return "token";
  }
  return (code !== null && codes[code]?.subject) || "other";
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
