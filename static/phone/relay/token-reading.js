// @ts-check
/** What a token says of itself: whether its bearer may call, or can only be called. Pure. */

/**
 * @param {string} token A JWT: an access token with a voice grant, or the older capability token with scopes.
 *   https://www.twilio.com/docs/iam/access-tokens#step-3-generate-token
 * @returns {boolean} Also true for what cannot be read.
 */
export function mayCall(token) {
  const claims = readClaims(token);
  if (typeof claims?.scope === "string") return claims.scope.includes("scope:client:outgoing");
  const voice = claims?.grants?.voice;
  return !voice || Boolean(voice.outgoing?.application_sid);
}

/**
 * @param {string} token
 * @returns {any} Null for none.
 */
function readClaims(token) {
  const [, part = ""] = token.split(".");
  try {
    return JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    // No base64, or no JSON in it.
    return null;
  }
}
