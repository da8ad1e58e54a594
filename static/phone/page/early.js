// @ts-check
/**
 * What takes a browser some time, and can go on while the phone's own script and Twilio's are still on their way: a
 * small script of its own, with a tag of its own, asked for before all others (decision 52). It imports nothing, and
 * the phone does without it where it comes too late.
 */
"use strict";

(() => {
  const { seat } = document.currentScript?.dataset ?? {};
  // Where the phone has begun already, it stands in line by itself.
  if ("dognboneLine" in globalThis || !seat || !navigator.locks) return;
  const leaving = new AbortController();
  /** @type {(held: Promise<void> | undefined) => void} */
  let hold = () => {};
  const held = new Promise((resolve) => (hold = resolve));
  let tellSeated = () => {};
  const seated = new Promise((resolve) => (tellSeated = () => resolve(undefined)));
  const left = navigator.locks.request(seat, { signal: leaving.signal }, () => {
    tellSeated();
    return held;
  });
  // Whoever takes the line over hears of it.
  left.catch(() => {});
  Object.assign(globalThis, { dognboneLine: { name: seat, seated, hold, left, leave: () => leaving.abort() } });

  // Twilio's SDK makes one before it knocks at Twilio's, and the page stands still until the browser has found out
  // what it plays to. It is found out once: by now there is nothing else to do.
  if (globalThis.AudioContext) void new AudioContext().close().catch(() => {});
})();
