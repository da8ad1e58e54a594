// @ts-check
/**
 * The calls of this page: what each event makes of them, what is reported of them, and what is said
 * when one is over. Knows neither page nor SDK.
 *
 * @typedef {object} Board What people are shown of the calls.
 * @property {CallView[]} calls
 * @property {string} notice What became of the last call.
 * @property {CauseWords | null} ending Why it is over, with the one thing to do; its words are the notice.
 * @property {string} digits Those sent in this call.
 * @property {boolean} isKeypadOpen In a call.
 * @property {MicrophoneWait} microphone What the browser's microphone is waited for.
 * @property {string} soundNote What has become of the devices that the call is talked with; empty for nothing new.
 * @property {Record<string, Sound>} sounds How each call sounds that is talked in, by its id.
 *
 * @typedef {{quality: Quality, notice: Notice}} Sound
 */

import { activeCall, changeCall, makeCall } from "./call-state.js";
import { NO_WAY_WITHIN_MS, textOf } from "./ending.js";
import { Explanation } from "./explanation.js";
import { NOTHING, noticeOf } from "./line-notice.js";
import { UNKNOWN_QUALITY, hearSample, tellQuality } from "./line-quality.js";
import { gettext } from "../../texts.js";

/** @import { CallNews } from "../device/device-calls.js"; */
/** @import { MicrophoneWait } from "../device/microphone.js"; */
/** @import { News } from "../device/sound-news.js"; */
/** @import { Sample } from "../device/sound-figures.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { CallView } from "./call-state.js"; */
/** @import { CauseWords, Causes } from "./ending.js"; */
/** @import { AskEnding } from "./explanation.js"; */
/** @import { Notice } from "./line-notice.js"; */
/** @import { Quality } from "./line-quality.js"; */

/** What the relay calls each event of a call; the rest of them is for the page alone. */
const REPORTED = /** @type {Record<string, Report["state"]>} */ ({
  incoming: "incoming",
  accept: "connect",
  disconnect: "disconnect",
  reject: "disconnect",
  cancel: "cancel",
});
/** What happens in a call that goes on: for the audit trail it is a call that is up. */
const IN_CALL = ["reconnecting", "reconnected"];
/** How soon after the answer a line without a sound means that sound is blocked, not merely poor. */
const SOUND_EXPECTED_WITHIN_MS = 15_000;
/** Sound that found no way at all: the SDK tries for half a minute before it says so. */
const NO_WAY_CODE = 53405;
const NO_SOUND = ["low-bytes-received", "ice-connectivity-lost"];
const ENDINGS = ["cancel", "disconnect", "reject"];
const MICROPHONE_CODES = [31401, 31402];
const PERMISSION_DENIED = 31401;
/** As the SDK would call it, of the part that has the devices. */
const DEVICE_CHANGE = "audio.deviceChange";

/**
 * The Call whose fate the server knows; empty where there is nothing to ask. One that Twilio has not named goes by
 * the page's own id.
 * @param {CallNews} news
 */
function nameOf({ id, direction, callSid, rungBy = "" }) {
  return direction === "outgoing" ? callSid || id : rungBy;
}

/**
 * What the server knows a report of a call by: of an echo test it makes no call.
 * @param {CallNews} news
 */
function kindOf({ direction, isEcho }) {
  return isEcho ? "echo" : direction;
}

/**
 * Whom a call is for, without what is dialled after the answer.
 * @param {string} address
 */
function calledOf(address) {
  return /^\+\d+/.exec(address)?.[0] ?? address;
}

/**
 * @param {Sound | undefined} sound
 * @param {CallView} call
 * @param {Sample} [sample]
 * @returns {Sound}
 */
function listen(sound, call, sample) {
  const { quality: before, notice } = sound ?? { quality: UNKNOWN_QUALITY, notice: NOTHING };
  const quality = sample && call.status === "open" ? hearSample(before, sample) : before;
  return { quality, notice: noticeOf(notice, call, quality, Date.now()) };
}

export class Switchboard {
  /** @type {Board} */
  board = { calls: [], notice: "", ending: null, digits: "", isKeypadOpen: false, microphone: "", soundNote: "", sounds: {} };
  /** @type {Set<string>} Calls that ring at the other end without a tone of Twilio's own. */
  #ringingOut = new Set();

  /**
   * @param {object} options
   * @param {(board: Board) => void} options.changed
   * @param {(report: Report) => void} options.report
   * @param {(isWanted: boolean) => void} options.playTone What a caller hears while it rings.
   * @param {(verdict: string) => void} options.suspect The name of a verdict that this browser can reach by itself.
   * @param {() => string} options.getMicrophoneRefusal The name of the verdict on the browser's last refusal.
   * @param {() => Report["state"]} options.getState The Device's.
   * @param {() => void} options.ended
   * @param {AskEnding} options.askEnding
   * @param {(callSid: string) => boolean} options.isTalkedHere
   * @param {(callSid: string) => boolean} options.isSentAway
   * @param {Causes} options.causes
   */
  constructor(options) {
    this.options = options;
    this.explanation = new Explanation({
      ...options,
      getShown: () => this.board.ending,
      show: (ending) => this.#change({ notice: ending.words, ending }),
    });
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
    if (ENDINGS.includes(event)) this.#reportQuality(news);
    this.#report(news);
    const isNew = event === direction;
    const known = this.board.calls.find((call) => call.id === id) ?? (isNew && makeCall({ ...news, begunAt: Date.now() }));
    if (!known) return;
    const call = changeCall(known, { ...news, at: Date.now() });
    const others = this.board.calls.filter((other) => other.id !== id);
    const { [id]: sound, ...sounds } = this.board.sounds;
    this.#ring(news);
    this.#suspect(news, call);
    if (call.status === "closed") {
      // The keypad is the active call's: one that stops ringing meanwhile takes nothing of it away.
      const isActive = this.active?.id === id;
      this.#change({ calls: others, sounds, ...(isActive && { digits: "", isKeypadOpen: false }) });
      this.options.ended();
      void this.explanation.of(call, nameOf(news));
    } else {
      this.#change({ calls: [...others, call], sounds: { ...sounds, [id]: listen(sound, call) }, ...(isNew && { notice: "", ending: null }) });
    }
  }

  /**
   * How a call sounds, once a second.
   * @param {string} id
   * @param {Sample} sample
   */
  sampled(id, sample) {
    const call = this.board.calls.find((one) => one.id === id);
    if (call) this.#change({ sounds: { ...this.board.sounds, [id]: listen(this.board.sounds[id], call, sample) } });
  }

  /** @param {string} error Why a call could not even be tried. */
  failed(error) {
    this.options.report({ state: "error", sdk_event: "call.connect", message: error });
    this.#change({ notice: gettext("The call could not be made. Try again in a moment."), ending: null });
  }

  /**
   * @param {string} words Why nobody is called at all; empty once something else is typed.
   * @param {string} cause
   */
  refused(words, cause) {
    if (this.board.notice === words) return;
    this.#change({ notice: words, ending: words ? { ...textOf(this.options.causes, cause), remedy: "", words } : null });
  }

  toggleKeypad() {
    this.#change({ isKeypadOpen: !this.board.isKeypadOpen });
  }

  /** @param {MicrophoneWait} microphone */
  waitsForMicrophone(microphone) {
    this.#change({ microphone });
  }

  /** @param {News | null} news A device went, came back or was changed; null once no call has any. */
  heardSound(news) {
    if (news) this.options.report({ state: this.options.getState(), sdk_event: DEVICE_CHANGE, message: news.report });
    const soundNote = news?.words ?? "";
    if (soundNote !== this.board.soundNote) this.#change({ soundNote });
  }

  /** @param {string} digit One that was sent. */
  sent(digit) {
    this.#change({ digits: this.board.digits + digit });
  }

  /** @param {CallNews} news The server makes a row of a call that Twilio has not named by what is said here. */
  #report(news) {
    const { id, event, callSid, code = null, originalCode = null, message, direction, address, isEcho } = news;
    const isUnnamed = direction === "outgoing" && !callSid;
    const about = `${kindOf(news)} ${isUnnamed ? id : callSid}`.trim();
    const state = REPORTED[event];
    if (state) {
      const begunAt = this.board.calls.find((call) => call.id === id)?.begunAt ?? Date.now();
      const more = isUnnamed && !isEcho ? ` (${Math.round((Date.now() - begunAt) / 1000)} s) to ${calledOf(address)}` : "";
      this.options.report({ state, sdk_event: event, message: about + more });
    } else if (IN_CALL.includes(event)) {
      const codes = { code, original_code: originalCode };
      this.options.report({ state: "connect", sdk_event: `call.${event}`, ...codes, message: `(${about})` });
    } else if (event === "error") {
      const words = `${message} (${about})`;
      const codes = { code, original_code: originalCode };
      this.options.report({ state: "error", sdk_event: "call.error", ...codes, message: words });
    }
  }

  /** @param {CallNews} news Of a call that is over: how it has sounded at its worst. */
  #reportQuality(news) {
    const { id, callSid } = news;
    const told = tellQuality(this.board.sounds[id]?.quality ?? UNKNOWN_QUALITY);
    if (!told) return;
    const message = `${told} (${kindOf(news)} ${callSid || id})`;
    this.options.report({ state: "connect", sdk_event: "call.quality", message });
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
      const byCode = code === PERMISSION_DENIED ? "microphone_denied" : "microphone_missing";
      this.options.suspect(this.options.getMicrophoneRefusal() || byCode);
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
