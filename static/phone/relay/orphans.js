// @ts-check
/** Finding the queues of pages that are gone: a page that lives holds a lock named after its queue. */

/**
 * Holds this page's lock for as long as the page lives, then has each queue of the same person
 * delivered whose page does not hold its lock any more. The lock is held during delivery, so that
 * no other tab delivers the same queue. Without the Web Locks API every queue counts as orphaned:
 * the server stores each id once, so a repeat costs only a frame.
 *
 * @param {object} options
 * @param {Pick<Storage, "key" | "length">} options.storage
 * @param {string} options.prefix What the names of this person's queues begin with.
 * @param {string} options.ownSession
 * @param {(pageSession: string) => Promise<void>} options.deliver
 * @param {LockManager | undefined} options.locks
 */
export async function deliverOrphans({ storage, prefix, ownSession, deliver, locks }) {
  // Never released: the browser ends it with the page, by which the promise rejects unheard.
  locks?.request(prefix + ownSession, () => new Promise(() => {})).catch(() => {});
  for (const key of queuesIn(storage, prefix)) {
    const pageSession = key.slice(prefix.length);
    if (pageSession === ownSession) continue;
    if (locks) await locks.request(key, { ifAvailable: true }, (lock) => lock && deliver(pageSession));
    else await deliver(pageSession);
  }
}

/**
 * @param {Pick<Storage, "key" | "length">} storage
 * @param {string} prefix
 */
function queuesIn(storage, prefix) {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
  return keys.filter((key) => key.startsWith(prefix));
}
