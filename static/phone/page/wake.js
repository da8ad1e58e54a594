// @ts-check
/** Notices that the machine has slept: a timer that comes much too late. */

const LOOK_EVERY_MS = 5_000;
const LATE_BY_MS = 35_000;

/** @param {(seconds: number) => void} woke For how long it slept. */
export function watchSleep(woke) {
  let last = Date.now();
  let wasHidden = document.hidden;
  const look = () => {
    const now = Date.now();
    const slept = now - last;
    // Hidden tabs are slowed to one timer a minute, which is no sleep.
    const isLate = slept > LOOK_EVERY_MS + LATE_BY_MS + (wasHidden || document.hidden ? 60_000 : 0);
    last = now;
    wasHidden = document.hidden;
    if (isLate) woke(Math.round(slept / 1000));
  };
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look);
}
