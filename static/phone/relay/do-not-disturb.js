// @ts-check
/** A person's switch Do not disturb, as the server has it: every page of theirs shows the same. */

const PATIENCE_MS = 10_000;

/**
 * @param {object} options
 * @param {string} options.url
 * @param {boolean | null} [options.isOn] To turn it; without, it is only asked for.
 * @param {string} [options.csrfToken]
 * @returns {Promise<boolean | null>} How it is now; null where the server does not say.
 */
export async function askDoNotDisturb({ url, isOn = null, csrfToken = "" }) {
  /** @type {RequestInit} */
  const turning =
    isOn === null
      ? {}
      : { method: "POST", body: new URLSearchParams({ is_on: String(isOn) }), headers: { "X-CSRFToken": csrfToken } };
  try {
    const response = await fetch(url, {
      ...turning,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = response.ok ? await response.json() : null;
    return typeof answer?.is_on === "boolean" ? answer.is_on : null;
  } catch {
    // Away, or no answer of ours: the switch stays as it was, and the page says so.
    return null;
  }
}
