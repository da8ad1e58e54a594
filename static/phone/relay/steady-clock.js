// @ts-check

/**
 * An interval that keeps its time while the page is hidden.
 *
 * @param {string} workerUrl `heartbeat.js`
 * @returns {(beat: () => void, milliseconds: number) => () => void} Begins; what it returns ends it.
 */
export function makeSteadyInterval(workerUrl) {
  return (beat, milliseconds) => {
    const worker = new Worker(workerUrl);
    worker.onmessage = () => beat();
    worker.postMessage(milliseconds);
    return () => worker.terminate();
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
