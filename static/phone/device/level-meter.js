// @ts-check
/**
 * How loud the microphone is. Has one of its own only while it is wanted and no call has one: in a call it reads the
 * call's, so that what is shown is what the other hears.
 *
 * @typedef {object} Level
 * @property {number} level 0 to 100; 0 is as good as silence.
 * @property {boolean} isOfCall
 */

/** @import { Microphone } from "./microphone.js"; */

const EVERY_MS = 100;
/** Decibels below the loudest: what is more quiet is nothing, in a room that is not quite still. */
const QUIETEST = -60;

/**
 * @param {Float32Array} samples From -1 to 1.
 * @returns {number} 0 to 100, by what the ear makes of it.
 */
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const loudness = 10 * Math.log10(sum / Math.max(1, samples.length));
  return Math.round(100 * Math.min(1, Math.max(0, 1 - loudness / QUIETEST)));
}

export class LevelMeter {
  isOn = false;
  /** @type {MediaStream | null} The meter's own; nobody else's is ever stopped by it. */
  #own = null;
  /** @type {MediaStream | null} What is being measured. */
  #measured = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  /** A start that was overtaken by a stop must not leave a microphone open. */
  #generation = 0;
  #isOpening = false;

  /**
   * @param {object} options
   * @param {Pick<Microphone, "open">} options.microphone The meter's.
   * @param {() => MediaStream | null} options.getCallStream What a call hears of this side just now; null in none.
   * @param {() => boolean} options.isTalking
   * @param {(level: Level) => void} options.changed
   * @param {(error: unknown) => void} options.failed There is no microphone; it is off then.
   * @param {() => AudioContext} [options.makeContext]
   */
  constructor({ makeContext = () => new AudioContext(), ...options }) {
    this.options = options;
    this.makeContext = makeContext;
  }

  /** @returns {Promise<void>} Once it measures, or has failed. */
  async start() {
    if (this.isOn) return;
    this.isOn = true;
    this.#clock = setInterval(() => void this.#tick(), EVERY_MS);
    await this.#tick();
  }

  /** Gives the microphone back. */
  stop() {
    this.isOn = false;
    this.#generation += 1;
    clearInterval(this.#clock);
    this.#giveBack();
    this.#measure(null);
    void this.#context?.close();
    this.#context = null;
  }

  /** Another microphone was chosen: the one that is open is not it. */
  async change() {
    if (!this.isOn || !this.#own) return;
    this.#giveBack();
    await this.#tick();
  }

  async #tick() {
    const wanted = this.options.isTalking() ? this.#borrow() : await this.#have();
    if (!this.isOn) return;
    if (wanted !== this.#measured) this.#measure(wanted);
    const isOfCall = wanted !== null && wanted !== this.#own;
    this.options.changed({ level: wanted ? this.#read() : 0, isOfCall });
  }

  #borrow() {
    this.#giveBack();
    return this.options.getCallStream();
  }

  /** @returns {Promise<MediaStream | null>} The meter's own, opened where it is not. */
  async #have() {
    if (this.#own?.getAudioTracks().some(({ readyState }) => readyState === "live")) return this.#own;
    if (this.#isOpening) return null;
    const generation = this.#generation;
    this.#isOpening = true;
    try {
      const stream = await this.options.microphone.open({ audio: true });
      // By now it may not be wanted any more, or a call may have begun that has one itself.
      if (generation !== this.#generation || this.options.isTalking()) stop(stream);
      else this.#own = stream;
    } catch (error) {
      if (generation !== this.#generation) return null;
      this.stop();
      this.options.failed(error);
    } finally {
      this.#isOpening = false;
    }
    return this.#own;
  }

  #giveBack() {
    if (this.#own) stop(this.#own);
    this.#own = null;
  }

  /** @param {MediaStream | null} stream */
  #measure(stream) {
    this.#source?.disconnect();
    this.#source = this.#analyser = null;
    this.#measured = stream;
    if (!stream) return;
    this.#context ??= this.makeContext();
    this.#analyser = this.#context.createAnalyser();
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  #read() {
    const context = this.#context;
    if (!this.#analyser || !context) return 0;
    // Made without a touch of the page, it sleeps.
    if (context.state === "suspended") context.resume().catch(() => {});
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    return levelOf(samples);
  }
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
