// @ts-check
/**
 * The line for the seat, in which the page stands already before its modules have come (`page/early.js`): whoever
 * stands in line first goes on from there.
 *
 * @typedef {object} EarlyLine
 * @property {string} name Of the lock.
 * @property {Promise<void>} seated Kept once the lock is held.
 * @property {(held: Promise<void> | undefined) => void} hold What ends the holding once it is kept.
 * @property {Promise<unknown>} left Until it is held no more; rejected as a request for a lock is.
 * @property {() => void} leave Leaves the line, while it is not held.
 */

/**
 * @param {EarlyLine | undefined} early
 * @param {LockManager | undefined} locks
 * @returns {Pick<LockManager, "request"> | undefined} The same locks, of which the first request is that one.
 */
export function goOnFrom(early, locks) {
  if (!early || !locks) return locks;
  let isTaken = false;
  /** @param {string} name @param {LockOptions} how @param {() => Promise<void> | undefined} granted */
  const request = (name, how, granted) => {
    if (isTaken || how.steal || name !== early.name) return locks.request(name, how, granted);
    isTaken = true;
    how.signal?.addEventListener("abort", () => early.leave());
    void early.seated.then(() => early.hold(granted()));
    return early.left;
  };
  return /** @type {any} */ ({ request });
}
