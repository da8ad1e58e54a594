// @ts-check
/** When a token is to be renewed, by our own clock: the SDK says it only once, and late. */

const LATEST_RENEWAL_MS = 60_000;

/**
 * How long a token lives. Measured by the server's clock at both ends, so that a browser whose
 * clock is wrong renews at the right moment all the same.
 *
 * @param {object} token
 * @param {string} token.expiresAt ISO 8601, by the server's clock.
 * @param {number} token.serverNow Milliseconds since the epoch, by the server's clock.
 * @returns {number} Milliseconds, never negative; 0 where the date cannot be read.
 */
export function lifetimeOf({ expiresAt, serverNow }) {
  const end = Date.parse(expiresAt);
  return Number.isNaN(end) ? 0 : Math.max(0, end - serverNow);
}

/**
 * How long to wait before the first try to renew: three quarters of the life, which leaves the
 * last quarter for a call to end or a network to come back; at least a minute for long lives.
 *
 * @param {number} lifetime Milliseconds.
 * @returns {number} Milliseconds.
 */
export function renewalDelay(lifetime) {
  const quarter = lifetime / 4;
  return Math.max(0, Math.round(lifetime - Math.max(quarter, Math.min(LATEST_RENEWAL_MS, lifetime / 2))));
}
