// @ts-check
/**
 * A worker that only ticks. A browser slows the timers of a hidden page to one a minute, which the
 * server would take for a page that has stopped answering; a worker's timers keep their time, and a
 * page that is truly frozen does not hear them.
 */

addEventListener("message", ({ data: milliseconds }) => {
  setInterval(() => postMessage(null), milliseconds);
});
