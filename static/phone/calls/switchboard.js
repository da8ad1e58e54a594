// @ts-check
/**
 * The calls of this page: what each event makes of them, what is reported of them, and what is said
 * when one is over. Knows neither page nor SDK.
 *
 * @typedef {object} Board What people are shown of the calls.
 * @property {CallView[]} calls
 * @property {string} notice What became of the last call.
 * @property {string} digits Those sent in this call.
 * @property {boolean} isKeypadOpen In a call.
 */

import { activeCall, changeCall, makeCall } from "./call-state.js";
import { wordsOfEnding } from "./words.js";

/** @import { CallNews } from "../device/device-calls.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { CallView } from "./call-state.js"; */

/** What the relay calls each event of a call; the rest of them is for the page alone. */
const REPORTED = /** @type {Record<string, Report["state"]>} */ ({
  incoming: "incoming",
  accept: "connect",
  disconnect: "disconnect",
  reject: "disconnect",
  cancel: "cancel",
});
/** How soon after the answer a line without a sound means that sound is blocked, not merely poor. */
const SOUND_EXPECTED_WITHIN_MS = 15_000;
/** Sound that found no way at all: the SDK tries for half a minute before it says so. */
const NO_WAY_CODE = 53405;
const NO_WAY_WITHIN_MS = 45_000;
const NO_SOUND = ["low-bytes-received", "ice-connectivity-lost"];
const MICROPHONE_CODES = [31401, 31402];
/** How browsers name a refusal; all else means that no microphone could be opened. */
const REFUSED = ["NotAllowedError", "PermissionDeniedError", "SecurityError"];
const PERMISSION_DENIED = 31401;

export class Switchboard {
  /** @type {Board} */
  board = { calls: [], notice: "", digits: "", isKeypadOpen: false };
  /** @type {Set<string>} Calls that ring at the other end without a tone of Twilio's own. */
  #ringingOut = new Set();

  /**
   * @param {object} options
   * @param {(board: Board) => void} options.changed
   * @param {(report: Report) => void} options.report
   * @param {(isWanted: boolean) => void} options.playTone What a caller hears while it rings.
   * @param {(verdict: string) => void} options.suspect A verdict that this browser can reach by itself.
   * @param {() => string} options.getMicrophoneError The browser's name for its last refusal.
   * @param {() => void} options.ended
   * @param {(callSid: string) => Promise<string>} options.askEnding What a caller was told instead of
   *   being connected, by the server; empty if they were. To Twilio, an announcement is an answer.
   */
  constructor(options) {
    this.options = options;
  }

  get active() {
    return activeCall(this.board.calls);
  }

  get isBusy() {
    return this.board.calls.length > 0;
  }

  /** @param {CallNews} news */
  heard(news) {
    const { id, event, direction } = news;
    this.#report(news);
    const isNew = event === direction;
    const known = this.board.calls.find((call) => call.id === id) ?? (isNew && makeCall(news));
    if (!known) return;
    const call = changeCall(known, { ...news, at: Date.now() });
    const others = this.board.calls.filter((other) => other.id !== id);
    this.#ring(news);
    this.#suspect(news, call);
    if (call.status === "closed") {
      const notice = wordsOfEnding(call, Date.now());
      this.#change({ calls: others, notice, digits: "", isKeypadOpen: false });
      this.options.ended();
      if (direction === "outgoing" && call.errorCode === null) void this.#explain(news.callSid, notice);
    } else {
      this.#change({ calls: [...others, call], ...(isNew && { notice: "" }) });
    }
  }

  /**
   * @param {string} callSid
   * @param {string} notice The words to replace, if they are still the ones shown.
   */
  async #explain(callSid, notice) {
    const words = callSid && (await this.options.askEnding(callSid));
    if (words && this.board.notice === notice && !this.isBusy) this.#change({ notice: words });
  }

  /** @param {string} error Why a call could not even be tried. */
  failed(error) {
    this.options.report({ state: "error", sdk_event: "call.connect", message: error });
    this.#change({ notice: "The call could not be made. Try again in a moment." });
  }

  toggleKeypad() {
    this.#change({ isKeypadOpen: !this.board.isKeypadOpen });
  }

  /** @param {string} digit One that was sent. */
  sent(digit) {
    this.#change({ digits: this.board.digits + digit });
  }

  /** @param {CallNews} news */
  #report({ event, callSid, code = null, originalCode = null, message, direction }) {
    const about = `${direction} ${callSid}`.trim();
    const state = REPORTED[event];
    if (state) {
      this.options.report({ state, sdk_event: event, message: about });
    } else if (event === "error") {
      const words = `${message} (${about})`;
      const codes = { code, original_code: originalCode };
      this.options.report({ state: "error", sdk_event: "call.error", ...codes, message: words });
    }
  }

  /** @param {CallNews} news Early media is the network's own ringing tone. */
  #ring({ id, event, hasEarlyMedia }) {
    if (event === "ringing" && !hasEarlyMedia) this.#ringingOut.add(id);
    else if (event !== "mute") this.#ringingOut.delete(id);
    this.options.playTone(this.#ringingOut.size > 0);
  }

  /**
   * @param {CallNews} news
   * @param {CallView} call
   */
  #suspect({ event, code, warning = "" }, { openedAt }) {
    if (event === "error" && MICROPHONE_CODES.includes(code ?? 0)) {
      const name = this.options.getMicrophoneError();
      const isDenied = name ? REFUSED.includes(name) : code === PERMISSION_DENIED;
      this.options.suspect(isDenied ? "microphone_denied" : "microphone_missing");
    }
    const isOpen = openedAt !== null;
    const age = isOpen ? Date.now() - openedAt : 0;
    const isSilent =
      event === "warning" && NO_SOUND.includes(warning) && isOpen && age < SOUND_EXPECTED_WITHIN_MS;
    // A call may give up its search for a way while it still rings.
    const hasNoWay = event === "error" && code === NO_WAY_CODE && age < NO_WAY_WITHIN_MS;
    if (isSilent || hasNoWay) this.options.suspect("media_blocked");
  }

  /** @param {Partial<Board>} change */
  #change(change) {
    this.board = { ...this.board, ...change };
    this.options.changed(this.board);
  }
}
