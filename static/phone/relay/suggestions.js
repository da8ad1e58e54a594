// @ts-check
/**
 * Asking Dog n Bone's server whom somebody may mean who types.
 *
 * @typedef {object} Suggestion
 * @property {string} to What is dialled: a number, or a colleague's e-mail address.
 * @property {string} name
 * @property {string} detail What tells them from others of that name.
 */

/**
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.typed
 * @param {AbortSignal} options.signal
 * @returns {Promise<Suggestion[]>} None where the server does not answer, or is not wanted to any more.
 */
export async function fetchSuggestions({ url, typed, signal }) {
  try {
    const address = `${url}?q=${encodeURIComponent(typed)}`;
    const response = await fetch(address, { credentials: "same-origin", redirect: "error", signal });
    const { found } = response.ok ? await response.json() : {};
    return Array.isArray(found) ? found.map(readOne).filter(({ to }) => to) : [];
  } catch {
    // What is typed can be called without.
    return [];
  }
}

/**
 * @param {any} told
 * @returns {Suggestion}
 */
function readOne(told) {
  const textOf = (/** @type {unknown} */ some) => (typeof some === "string" ? some : "");
  return { to: textOf(told?.to), name: textOf(told?.name), detail: textOf(told?.detail) };
}
