// @ts-check

/**
 * How long to wait before trying again: doubling, capped, and spread by a quarter either way so
 * that many pages which lost the same server do not come back in the same instant.
 *
 * @param {object} options
 * @param {number} options.attempt 0 for the first repetition.
 * @param {number} options.base Milliseconds.
 * @param {number} options.cap Milliseconds.
 * @param {() => number} [options.random]
 * @returns {number} Milliseconds.
 */
export function backoffDelay({ attempt, base, cap, random = Math.random }) {
  const plain = Math.min(cap, base * 2 ** Math.min(attempt, 20));
  return Math.round(plain * (0.75 + random() / 2));
}
