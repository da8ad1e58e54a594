// @ts-check

import { scriptAddress } from "../../trusted.js";

/** A thread of its own is much to ask of a machine that has a page to open just now. */
const STARTS_AFTER_MS = 500;

/**
 * An interval that keeps its time while the page is hidden.
 *
 * @param {string} workerUrl `heartbeat.js`
 * @returns {(beat: () => void, milliseconds: number) => () => void} Begins; what it returns ends it.
 */
export function makeSteadyInterval(workerUrl) {
  return (beat, milliseconds) => {
    /** @type {Worker | undefined} */
    let worker;
    const start = setTimeout(() => {
      worker = new Worker(scriptAddress(workerUrl));
      worker.onmessage = () => beat();
      worker.postMessage(milliseconds);
    }, STARTS_AFTER_MS);
    return () => {
      clearTimeout(start);
      worker?.terminate();
    };
  };
}

/**
 * The ordinary kind, which a hidden page may slow down.
 * @param {() => void} beat
 * @param {number} milliseconds
 */
export function ordinaryInterval(beat, milliseconds) {
  const timer = setInterval(beat, milliseconds);
  return () => clearInterval(timer);
}
