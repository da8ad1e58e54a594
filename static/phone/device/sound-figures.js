// @ts-check
/**
 * How the sound of one call is, in figures: what the SDK measures once a second, put together. Pure.
 *
 * @typedef {object} Sample One second, as the SDK's `sample` event tells it; a browser may leave out any of it.
 * @property {number} [rtt] Milliseconds.
 * @property {number} [jitter] Milliseconds.
 * @property {number | null} [mos] 1 to 4.4.
 * @property {number} [packetsLost] Within this second.
 * @property {number} [packetsReceived] Within this second.
 * @property {number} [bytesReceived] Within this second.
 * @property {number} [bytesSent] Within this second.
 *
 * @typedef {object} Figures
 * @property {number | null} roundTrip Milliseconds; null where nobody knows.
 * @property {number | null} jitter Milliseconds.
 * @property {number | null} loss Percent of what comes in.
 * @property {number} bytesReceived
 * @property {number} bytesSent
 * @property {number} seconds How many samples there are.
 */

/** The last ones tell how it is now. */
const MOST_SAMPLES = 10;

export class SoundFigures {
  /** @type {Sample[]} */
  #samples = [];

  /** @param {Sample} sample */
  take(sample) {
    this.#samples = [...this.#samples, sample].slice(-MOST_SAMPLES);
  }

  get seconds() {
    return this.#samples.length;
  }

  /** @returns {Figures} */
  get figures() {
    // The first second is that in which the sound finds its way.
    const settled = this.#samples.length > 2 ? this.#samples.slice(1) : this.#samples;
    const lost = sum(settled, "packetsLost");
    const all = lost + sum(settled, "packetsReceived");
    return {
      roundTrip: median(settled, "rtt"),
      jitter: median(settled, "jitter"),
      loss: all > 0 ? (lost / all) * 100 : null,
      bytesReceived: sum(this.#samples, "bytesReceived"),
      bytesSent: sum(this.#samples, "bytesSent"),
      seconds: this.#samples.length,
    };
  }
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isFigure(value) {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * @param {Sample[]} samples
 * @param {keyof Sample} name
 */
function sum(samples, name) {
  return samples.reduce((total, sample) => total + (isFigure(sample[name]) ? sample[name] : 0), 0);
}

/**
 * @param {Sample[]} samples
 * @param {keyof Sample} name
 * @returns {number | null}
 */
function median(samples, name) {
  const known = samples.map((sample) => sample[name]).filter(isFigure);
  known.sort((one, other) => one - other);
  return known[Math.floor(known.length / 2)] ?? null;
}
