// @ts-check
/**
 * Why a browser gave no microphone, by the name of the verdict on it (`accounts/verdicts/`). Pure.
 *
 * @typedef {object} Refused
 * @property {string} name The exception's, such as `NotAllowedError`.
 * @property {string} message The exception's: Chromium tells apart in it what others do not tell at all.
 * @property {string} permission What the browser says of its permission afterwards: `granted`, `denied`, `prompt`;
 *   empty where it does not say.
 * @property {boolean} isForbidden The page's policy has no microphone for it, so that nobody was asked.
 */

/** Not one of the browser's: it hides its microphones from a page that came without encryption. */
export const INSECURE_PAGE = "InsecurePage";

const DENIED = ["NotAllowedError", "PermissionDeniedError", "SecurityError"];

/** @type {Record<string, string>} */
const OTHERS = {
  [INSECURE_PAGE]: "microphone_insecure",
  NotFoundError: "microphone_none",
  DevicesNotFoundError: "microphone_none",
  NotReadableError: "microphone_in_use",
  TrackStartError: "microphone_in_use",
  AbortError: "microphone_in_use",
};

/**
 * @param {Refused} refused
 * @returns {string} `microphone_missing` where it stays open why.
 */
export function refusalOf({ name, message, permission, isForbidden }) {
  if (!DENIED.includes(name)) return OTHERS[name] ?? "microphone_missing";
  if (isForbidden) return "microphone_policy";
  if (/\bsystem\b/i.test(message)) return "microphone_system";
  // The question was closed without an answer: the browser will ask again.
  const isDismissed = /dismissed/i.test(message) || permission === "prompt";
  return isDismissed ? "microphone_dismissed" : "microphone_denied";
}
