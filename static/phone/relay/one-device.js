// @ts-check
/** Where a person's phone is, who wants only one of their browsers to ring: the server knows. */

const PATIENCE_MS = 10_000;

/**
 * Says that the phone is in this page.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.pageSession
 * @param {boolean} options.isFirm Whoever has it gives it up; else it comes only where nobody has it.
 * @param {string} options.csrfToken
 * @returns {Promise<{isHere: boolean, where: string, since: number | null} | null>} Null without an answer: then the
 *   page goes on as it is.
 */
export async function askForPhone({ url, pageSession, isFirm, csrfToken }) {
  try {
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ page_session: pageSession, is_firm: String(isFirm) }),
      headers: { "X-CSRFToken": csrfToken },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = response.ok ? await response.json() : null;
    return typeof answer?.is_here === "boolean" ? { isHere: answer.is_here, ...readElsewhere(answer) } : null;
  } catch {
    // Away, or no answer of ours.
    return null;
  }
}

/**
 * @param {Record<string, unknown>} told A frame, or an answer.
 * @returns {{where: string, since: number | null}}
 */
export function readElsewhere({ where, since }) {
  const at = typeof since === "string" ? Date.parse(since) : NaN;
  return { where: typeof where === "string" ? where : "", since: Number.isNaN(at) ? null : at };
}
