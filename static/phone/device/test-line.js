// @ts-check
/**
 * The call by which a connection is tested: on a Device of its own that is never registered, so that it neither
 * rings nor takes anything from the one that is. The SDK's own PreflightTest will not do: it registers its Device,
 * which then rings for calls that it lets drop, it cannot mark its call for our server, and it fetches the SDK's
 * sounds from elsewhere (decision 26).
 *
 * @typedef {object} TestLineOptions
 * @property {Device} device
 * @property {PeerConnections} connections Those that this Device makes.
 * @property {Codes} codes
 * @property {AbortSignal} signal Ends the test; what is known by then is its outcome.
 * @property {() => number} [now] Milliseconds.
 */

import { gatewayCode, subjectOf } from "./refusals.js";
import { SoundFigures } from "./sound-figures.js";

/** @import { Call, Device } from "@twilio/voice-sdk"; */
/** @import { PeerConnections } from "./peer-connections.js"; */
/** @import { Codes } from "./refusals.js"; */
/** @import { LineOutcome } from "./test-findings.js"; */

/** By this the server knows the call (`phone/connection_tests/twiml.py`). */
const MARK = { ConnectionTest: "line" };
/** The SDK dials anew by itself meanwhile. */
const SIGNALLING_WITHIN_MS = 8_000;
const ANSWERED_WITHIN_MS = 10_000;
const MEASURED_WITHIN_MS = 12_000;
/** One a second: the first is still without sound, and the other end reports every few. */
const SAMPLES = 6;
/** MediaErrors.ConnectionError: the sound has found no way. */
const NO_WAY_CODE = 53405;

export class TestLine {
  #figures = new SoundFigures();
  #isAnswered = false;
  #hasNetworkFailed = false;
  #endedWith = { isEnded: false, code: /** @type {number | null} */ (null) };
  /** Whoever waits for the line to get on, or to end. */
  #look = () => {};

  /** @param {TestLineOptions} options */
  constructor({ device, connections, codes, signal, now = () => performance.now() }) {
    this.device = device;
    this.connections = connections;
    this.codes = codes;
    this.signal = signal;
    this.now = now;
  }

  /** @returns {Promise<LineOutcome>} Never rejects; the Device is gone by then. */
  async test() {
    try {
      return await this.#test();
    } finally {
      this.device.destroy();
    }
  }

  /** @returns {Promise<LineOutcome>} */
  async #test() {
    const since = this.now();
    /** @type {Call | null} */
    let call = null;
    let isRefused = false;
    // First of all: an error that nobody listens for would be thrown.
    this.device.on("error", (error, about) => {
      if (about) return;
      const subject = subjectOf(this.codes, error.code, gatewayCode(error));
      isRefused ||= subject === "token";
      this.#hasNetworkFailed ||= subject === "network";
      this.#look();
    });
    this.device.audio?.outgoing(false);
    this.device.audio?.disconnect(false);
    this.device.connect({ params: MARK }).then(
      (made) => {
        call = made;
        this.#listen(made);
        this.#look();
      },
      // Why is told by its events; without any, by the time that runs out.
      () => this.#look(),
    );
    await this.#wait(() => call !== null || isRefused, SIGNALLING_WITHIN_MS);
    const value = Math.round(this.now() - since);
    if (!call) return { ...NO_SOUND, signalling: this.#noSignalling(isRefused, value), media: this.#cut("no_signalling") };
    const sound = await this.#measure(call);
    return { signalling: { check: "signalling", finding: "ok", value }, ...sound };
  }

  /**
   * @param {boolean} isRefused
   * @param {number} value
   */
  #noSignalling(isRefused, value) {
    const check = "signalling";
    if (isRefused) return { check, finding: "token_refused" };
    if (this.signal.aborted) return { check, finding: this.#cut("") };
    return this.#hasNetworkFailed ? { check, finding: "unreachable" } : { check, finding: "silent", value };
  }

  /**
   * @param {Call} call
   * @returns {Promise<Omit<LineOutcome, "signalling">>}
   */
  async #measure(call) {
    const ended = this.#endedWith;
    await this.#wait(() => this.#isAnswered || ended.isEnded, ANSWERED_WITHIN_MS);
    if (!this.#isAnswered) {
      return { ...NO_SOUND, media: this.#cut(ended.isEnded ? this.#mediaOf(ended.code) : "no_answer") };
    }
    await this.#wait(() => this.#figures.seconds >= SAMPLES || ended.isEnded, MEASURED_WITHIN_MS);
    const { figures } = this.#figures;
    const isMeasured = figures.seconds > 2 && !this.signal.aborted;
    const way = await this.connections.getWay().catch(() => null);
    call.disconnect();
    if (isMeasured) return { media: "", figures, way };
    return { ...NO_SOUND, media: this.#cut(ended.isEnded ? this.#mediaOf(ended.code) : "no_way") };
  }

  /** @param {number | null} code */
  #mediaOf(code) {
    return code === NO_WAY_CODE ? "no_way" : "refused";
  }

  /** @param {string} finding Where the test was not ended before. */
  #cut(finding) {
    return this.signal.aborted ? String(this.signal.reason) : finding;
  }

  /** @param {Call} call */
  #listen(call) {
    const end = () => {
      this.#endedWith.isEnded = true;
      this.#look();
    };
    call.on("accept", () => {
      this.#isAnswered = true;
      this.#look();
    });
    call.on("sample", (sample) => {
      this.#figures.take(sample);
      this.#look();
    });
    call.on("error", ({ code }) => {
      this.#endedWith.code = code;
      if (call.status() === "closed") end();
    });
    for (const event of ["disconnect", "cancel", "reject"]) call.on(event, end);
  }

  /**
   * Until something is so, but no longer than that, nor than the test.
   * @param {() => boolean} isSo
   * @param {number} milliseconds
   * @returns {Promise<void>}
   */
  #wait(isSo, milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(patience);
        this.signal.removeEventListener("abort", done);
        this.#look = () => {};
        resolve();
      };
      const patience = setTimeout(done, milliseconds);
      this.signal.addEventListener("abort", done);
      this.#look = () => isSo() && done();
      if (this.signal.aborted) done();
      else this.#look();
    });
  }
}

const NO_SOUND = { figures: null, way: null };
