// @ts-check
/**
 * A test of the connection: all its parts side by side, each with a limit, and each line as soon as it is known.
 * What it finds is no verdict on anybody's credentials.
 *
 * @typedef {object} Test
 * @property {string} id
 * @property {Date} at
 * @property {boolean} isInCall The sound is that of the call that goes on anyway.
 * @property {boolean} isRunning
 * @property {Line[]} lines Those that are known, in the order in which they are read.
 *
 * @typedef {object} ConnectionTestOptions
 * @property {(signal: AbortSignal) => ReturnType<typeof import("../relay/connection-test.js").askServer>} askServer
 * @property {Pick<Echo, "ask">} echo
 * @property {Pick<PhoneDevice, "testLine" | "getCallSound" | "canCarrySound" | "isConnected" | "hasToken">} device
 * @property {{askMicrophone: typeof askMicrophone, askSpeaker: typeof askSpeaker}} [sound]
 * @property {Codes} codes
 * @property {() => string} getActiveId The page's id of the call that has the microphone; empty for none.
 * @property {() => boolean} mayCall The token has an app to call through.
 * @property {Pick<Microphone, "open" | "refusal">} microphone The one that the person has chosen.
 * @property {(test: Test) => void} changed
 * @property {(test: Test) => void} finished
 */

import { askMicrophone, askSpeaker } from "../device/test-sound.js";
import { CHECKS, findingOfMicrophone, lineOfServer, linesOfSound } from "../device/test-findings.js";
import { makeUuid } from "../relay/ids.js";

/** @import { PhoneDevice } from "../device/device.js"; */
/** @import { Microphone } from "../device/microphone.js"; */
/** @import { Codes } from "../device/refusals.js"; */
/** @import { Line } from "../device/test-findings.js"; */
/** @import { Echo } from "../relay/connection-test.js"; */

const STOPPED = "stopped";
const CALL_BEGAN = "call_began";

export class ConnectionTest {
  /** @type {Test | null} The last one, or the one that runs. */
  last = null;
  #ending = new AbortController();

  /** @param {ConnectionTestOptions} options */
  constructor(options) {
    this.options = options;
    this.sound = options.sound ?? { askMicrophone, askSpeaker };
  }

  /** Runs it, if none runs yet. Whatever breaks, it ends. */
  async run() {
    if (this.last?.isRunning) return;
    this.#ending = new AbortController();
    const activeId = this.options.getActiveId();
    /** @type {Test} */
    const test = { id: makeUuid(), at: new Date(), isInCall: activeId !== "", isRunning: true, lines: [] };
    this.last = test;
    this.options.changed(test);
    const { signal } = this.#ending;
    const parts = [
      this.#part(["microphone"], () => this.#askMicrophone(signal, activeId)),
      this.#part(["speaker"], async () => [{ check: "speaker", finding: await this.sound.askSpeaker({ signal }) }]),
      this.#part(["server"], async () => [lineOfServer(await this.options.askServer(signal))]),
      this.#part(["socket"], () => this.#askSocket(signal)),
      this.#part(CHECKS.slice(4), () => (activeId ? this.#askCall(activeId) : this.#askLine(signal))),
    ];
    await Promise.all(parts);
    test.isRunning = false;
    this.options.changed(test);
    this.options.finished(test);
  }

  /** Ends it: what is not known by now will not be. */
  stop() {
    this.#end(STOPPED);
  }

  /** A call that begins is not disturbed. */
  callsChanged() {
    if (this.last?.isRunning && !this.last.isInCall && this.options.getActiveId()) this.#end(CALL_BEGAN);
  }

  /** @param {string} why A finding. */
  #end(why) {
    if (this.last?.isRunning) this.#ending.abort(why);
  }

  /**
   * @param {readonly string[]} checks Those that `ask` answers.
   * @param {() => Promise<Line[]>} ask
   */
  async #part(checks, ask) {
    /** @type {Line[]} */
    let lines = [];
    try {
      lines = await ask();
    } catch {
      lines = checks.map((check) => ({ check, finding: "broke" }));
    }
    const { aborted, reason } = this.#ending.signal;
    const missing = checks.filter((check) => !lines.some((line) => line.check === check));
    const finding = aborted ? String(reason) : "broke";
    this.#take([...lines, ...missing.map((check) => ({ check, finding }))]);
  }

  /** @param {Line[]} lines */
  #take(lines) {
    if (!this.last) return;
    const all = [...this.last.lines, ...lines];
    const order = (/** @type {Line} */ { check }) => CHECKS.indexOf(/** @type {any} */ (check));
    this.last.lines = all.sort((one, other) => order(one) - order(other));
    this.options.changed(this.last);
  }

  /**
   * @param {AbortSignal} signal
   * @param {string} activeId
   * @returns {Promise<Line[]>}
   */
  async #askMicrophone(signal, activeId) {
    const check = "microphone";
    if (activeId) return [{ check, finding: "in_call" }];
    const refusal = await this.sound.askMicrophone({ signal, microphone: this.options.microphone });
    if (refusal !== null) return [{ check, finding: findingOfMicrophone(refusal) }];
    return signal.aborted ? [] : [{ check, finding: "asking" }];
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Line[]>}
   */
  async #askSocket(signal) {
    const { finding, milliseconds } = await this.options.echo.ask(signal);
    if (finding === "ok") return [{ check: "socket", finding, value: Math.round(milliseconds) }];
    return finding === "silent" && signal.aborted ? [] : [{ check: "socket", finding }];
  }

  /**
   * @param {string} activeId
   * @returns {Promise<Line[]>}
   */
  async #askCall(activeId) {
    const sound = await this.options.device.getCallSound(activeId);
    return [{ check: "signalling", finding: "in_call" }, ...linesOfSound({ media: "", ...sound })];
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Line[]>}
   */
  async #askLine(signal) {
    const { device, codes } = this.options;
    const media = this.#whyNoLine();
    if (media) return [this.#lineOfRegistration(), ...linesOfSound({ media, figures: null, way: null })];
    const outcome = await device.testLine({ codes, signal });
    return [outcome.signalling, ...linesOfSound(outcome)];
  }

  #whyNoLine() {
    const { device } = this.options;
    if (!device.hasToken) return "no_signalling";
    if (!device.canCarrySound) return "no_webrtc";
    return this.options.mayCall() ? "" : "no_app";
  }

  /** @returns {Line} Where the gateway is not asked anew. */
  #lineOfRegistration() {
    const { hasToken, isConnected } = this.options.device;
    const finding = isConnected ? "registered" : hasToken ? "unreachable" : "no_token";
    return { check: "signalling", finding };
  }
}

/**
 * What the server is told of a test.
 * @param {Test} test
 * @param {string} pageSession
 */
export function reportOfTest({ id, at, isInCall, lines }, pageSession) {
  return { id, page_session: pageSession, at: at.toISOString(), is_in_call: isInCall, lines };
}
