// @ts-check
/** Notices that the machine has slept: a timer that comes much too late. */

const LOOK_EVERY_MS = 10_000;
const LATE_BY_MS = 30_000;

/** @param {() => void} woke */
export function watchSleep(woke) {
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    // Hidden tabs are slowed to one timer a minute, which is no sleep.
    const isLate = now - last > LOOK_EVERY_MS + LATE_BY_MS + (document.hidden ? 60_000 : 0);
    last = now;
    if (isLate) woke();
  }, LOOK_EVERY_MS);
}
