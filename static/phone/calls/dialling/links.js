// @ts-check
/** Links to the phone that say whom to call: `/?call=…`. */

/** A plus means a space in a query, but nobody writes one before a number. */
const SCHEMES = String.raw`(?:(?:[a-z+]|%2B)+(?::|%3A))*(?:\/|%2F)*`;
/** Marks of the direction of writing, which come along with a copy; brackets; a plus too many. */
const BEFORE_PLUS = String.raw`(?:%E2%8[01]%[0-9A-F]{2}|[([]|%28|%5B|\+(?=\+))*`;
const PLUS_BEFORE_NUMBER = new RegExp(String.raw`^(${SCHEMES}${BEFORE_PLUS})(?:\+|%20)(?=[\d(]|%28)`, "i");
/** RFC 3966, section 5.1.5: which country's a local number is. */
const PLUS_OF_CONTEXT = /((?:;|%3B)phone-context(?:=|%3D))(?:\+|%20)(?=\d)/i;

/**
 * @param {string} query As it stands in the address.
 * @returns {string} Whom to call; empty for nobody.
 */
export function readWanted(query) {
  const [, wanted = ""] = /[?&]call=([^&]*)/.exec(query) ?? [];
  const escaped = wanted.replace(PLUS_BEFORE_NUMBER, "$1%2B").replace(PLUS_OF_CONTEXT, "$1%2B");
  return new URLSearchParams(`call=${escaped}`).get("call") ?? "";
}
