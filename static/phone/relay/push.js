// @ts-check
/** Telling Dog n Bone's server whether a call may wake this browser: where its push service takes messages for it. */

import { gettext } from "../../texts.js";

const PATIENCE_MS = 20_000;
const NO_ANSWER = gettext("Not changed: Dog n Bone’s server does not answer. Try again in a moment.");

/**
 * @param {object} options
 * @param {string} options.url
 * @param {object} options.body The browser's subscription, as JSON has it.
 * @param {string} options.csrfToken
 * @returns {Promise<string>} Why it is not changed; empty where it is.
 */
export async function tellPush({ url, body, csrfToken }) {
  try {
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "X-CSRFToken": csrfToken, "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.ok) return "";
    const answer = await response.json();
    return typeof answer?.words === "string" && answer.words ? answer.words : NO_ANSWER;
  } catch {
    return NO_ANSWER;
  }
}
