// @ts-check
/** Links to the phone that say whom to call: `/?call=…`. */

/** A plus means a space in a query, but nobody writes one before a number. */
const PLUS_BEFORE_NUMBER = /^((?:[a-z+]+(?::|%3A))*(?:\/|%2F)*)(?:\+|%20)(?=[\d(])/i;

/**
 * @param {string} query As it stands in the address.
 * @returns {string} Whom to call; empty for nobody.
 */
export function readWanted(query) {
  const [, wanted = ""] = /[?&]call=([^&]*)/.exec(query) ?? [];
  return new URLSearchParams(`call=${wanted.replace(PLUS_BEFORE_NUMBER, "$1%2B")}`).get("call") ?? "";
}
