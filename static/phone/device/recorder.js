// @ts-check
/**
 * Records the microphone. What browsers record is compressed in ways that Twilio does not play, so it is
 * decoded again, brought down to the telephone's rate, and written as WAV.
 */

import { Microphone } from "./microphone.js";
import { SAMPLE_RATE, encodeWav } from "./wav.js";

const DECODING_RATE = 48_000;

export class Recorder {
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {Blob[]} */
  #pieces = [];

  /** @param {Microphone} [microphone] */
  constructor(microphone = new Microphone({})) {
    this.microphone = microphone;
  }

  /** Why there was no microphone, by the name of the verdict on it; empty where there was. */
  get refusal() {
    return this.microphone.refusal;
  }

  get isRecording() {
    return this.#recorder !== null;
  }

  /**
   * @returns {Promise<void>} Once it records.
   * @throws Whatever the browser throws that does not give the microphone.
   */
  async start() {
    const stream = await this.microphone.open({ audio: { channelCount: 1 } });
    const recorder = new MediaRecorder(stream);
    this.#pieces = [];
    recorder.ondataavailable = ({ data }) => this.#pieces.push(data);
    recorder.start();
    this.#recorder = recorder;
  }

  /** @returns {Promise<ArrayBuffer | null>} The WAV file; null where nothing was being recorded. */
  async stop() {
    const recorder = this.#recorder;
    if (!recorder) return null;
    this.#recorder = null;
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    if (recorder.state !== "inactive") recorder.stop();
    else recorder.dispatchEvent(new Event("stop"));
    await stopped;
    for (const track of recorder.stream.getTracks()) track.stop();
    return toWav(new Blob(this.#pieces, { type: recorder.mimeType }));
  }
}

/** @param {Blob} recorded */
async function toWav(recorded) {
  const decoder = new OfflineAudioContext(1, 1, DECODING_RATE);
  const sound = await decoder.decodeAudioData(await recorded.arrayBuffer());
  const context = new OfflineAudioContext(1, Math.max(1, Math.floor(sound.duration * SAMPLE_RATE)), SAMPLE_RATE);
  const source = context.createBufferSource();
  source.buffer = sound;
  source.connect(context.destination);
  source.start();
  return encodeWav((await context.startRendering()).getChannelData(0));
}
