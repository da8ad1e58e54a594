// @ts-check
/**
 * The phone without its page: the Device, its registration and its calls, joined.
 *
 * @typedef {object} PhoneOptions
 * @property {Record<string, string> & {outgoing: string}} sounds Addresses, by the SDK's names.
 * @property {Devices} devices What the person has chosen to talk and hear with.
 * @property {() => boolean} isForbidden The page's own policy has no microphone for it.
 * @property {Record<string, Verdict>} verdicts Those that this browser may reach by itself.
 * @property {Codes} codes
 * @property {() => Promise<Token>} fetchToken The first of a Device.
 * @property {() => Promise<Token>} renewToken The next, before it ends.
 * @property {Causes} causes Why calls end.
 * @property {(callSid: string, isOpen: boolean, heard: (answer: CauseWords) => void) => Promise<void>} fetchEnding
 *   Asks the server why a call is over; `heard` may be called again and again.
 * @property {AskDeed} askDeed The server, to do something to a call.
 * @property {(inCall: InCall) => void} showDeeds
 * @property {(notes: Record<string, Note>) => void} showNotes
 * @property {(report: Report) => void} report
 * @property {(situation: Situation) => void} showSituation
 * @property {(board: Board) => void} showBoard
 * @property {(input: number, output: number) => void} showLevels Each 0 to 1, of the call that has the microphone.
 * @property {() => void} signedOut
 * @property {() => boolean} isLeaving The page is on its way out: what the Device says then is no news.
 * @property {() => boolean} isOnline
 * @property {() => boolean} isBlockedByPolicy
 */

import { PhoneDevice, reportOf } from "../device/device.js";
import { playOn } from "../device/outputs.js";
import { Registration } from "../device/registration.js";
import { conversationsOf } from "./conversations.js";
import { CallDeeds } from "./deeds.js";
import { Notes } from "./notes.js";
import { RingingTone } from "./ringing-tone.js";
import { Switchboard } from "./switchboard.js";

/** @import { DeviceEvent } from "../device/device.js"; */
/** @import { Devices } from "../device/devices.js"; */
/** @import { Codes } from "../device/refusals.js"; */
/** @import { Situation } from "../device/registration.js"; */
/** @import { Token, Verdict } from "../relay/backend.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { CauseWords, Causes } from "./ending.js"; */
/** @import { AskDeed, InCall } from "./deeds.js"; */
/** @import { Note } from "./notes.js"; */
/** @import { Board } from "./switchboard.js"; */

export class Phone {
  /** There is no Device: none yet, or the phone is somewhere else. */
  isResting = true;
  /** Until the Device that was made last has begun to register, or could not be. */
  begun = Promise.resolve();
  /** @type {Report | null} Why the Device is let go. */
  #goal = null;

  /** @param {PhoneOptions} options */
  constructor(options) {
    this.options = options;
    this.device = this.#makeDevice(options);
    this.switchboard = this.#makeSwitchboard(options);
    this.registration = new Registration({
      ...options,
      device: this.device,
      changed: options.showSituation,
      isInCall: () => this.switchboard.isBusy,
    });
    this.deeds = new CallDeeds({ ask: options.askDeed, changed: (inCall) => this.#heardServer(inCall) });
    this.notes = new Notes({ ask: options.askDeed, changed: options.showNotes });
  }

  /** It rests as soon as its call is over. */
  get isLettingGo() {
    return this.#goal !== null && !this.isResting;
  }

  /** Makes a Device, unless there is one. */
  start() {
    this.#goal = null;
    if (!this.isResting) return;
    this.isResting = false;
    this.begun = this.registration.restart();
  }

  /** Begins anew, where this page is to have a Device. */
  restart() {
    if (!this.isResting) void this.registration.restart();
  }

  /**
   * Lets the Device go, once no call is going on: the phone is somewhere else.
   * @param {Report} why
   */
  rest(why) {
    if (this.isResting && this.#goal?.sdk_event === why.sdk_event) return;
    this.#goal = why;
    if (this.isResting) this.options.report(why);
    else this.#restBetweenCalls();
  }

  /** Lets the Device go at once, without a word. */
  stop() {
    this.#goal = null;
    this.isResting = true;
    this.registration.rest();
  }

  #restBetweenCalls() {
    if (!this.isLettingGo || this.switchboard.isBusy || !this.#goal) return;
    this.isResting = true;
    this.options.report(this.#goal);
    this.registration.rest();
  }

  /** What had to wait for the end of a call is done now. */
  #ended() {
    if (this.isLettingGo) this.#restBetweenCalls();
    else this.registration.callEnded();
  }

  /**
   * @param {PhoneOptions} options
   * @returns {PhoneDevice}
   */
  #makeDevice({ sounds, showLevels, devices, isForbidden }) {
    return new PhoneDevice({
      sounds,
      devices,
      isForbidden,
      handlers: {
        device: (event) => this.#heardDevice(event),
        expiring: () => void this.registration.renewal.now(),
        microphone: (wait) => this.switchboard.waitsForMicrophone(wait),
        sound: (news) => this.switchboard.heardSound(news),
        call: (news) => this.switchboard.heard(news),
        sample: (id, sample) => this.switchboard.sampled(id, sample),
        volume: (id, input, output) => id === this.switchboard.active?.id && showLevels(input, output),
      },
    });
  }

  /**
   * @param {PhoneOptions} options
   * @returns {Switchboard}
   */
  #makeSwitchboard({ sounds, devices, verdicts, causes, report, showBoard, fetchEnding }) {
    const tone = new RingingTone(sounds.outgoing, (sound) => playOn(sound, devices.used("speaker").deviceId));
    return new Switchboard({
      changed: showBoard,
      report,
      playTone: (isWanted) => tone.play(isWanted),
      suspect: (code) => verdicts[code] && this.registration.heardVerdict(verdicts[code]),
      getMicrophoneRefusal: () => this.device.microphoneRefusal,
      // An error is told of when it happens: a device that is changed is none.
      getState: () => (this.registration.situation.state === "ready" ? "ready" : "offline"),
      ended: () => this.#ended(),
      askEnding: fetchEnding,
      isTalkedHere: (callSid) => this.#isTalkedHere(callSid),
      isSentAway: (callSid) => this.deeds.isDone(callSid, "voicemail"),
      causes,
    });
  }

  /** @param {InCall} inCall */
  #heardServer(inCall) {
    this.options.showDeeds(inCall);
    this.switchboard.explanation.heardStates(inCall.states);
  }

  /** @param {string} callSid It is joined to what is talked in here, or about to be. */
  #isTalkedHere(callSid) {
    const { states, underWay } = this.deeds.board;
    const conversations = conversationsOf({ calls: this.switchboard.board.calls, states });
    return underWay[callSid] === "answer" || conversations.some((one) => one.isTold && one.callSid === callSid);
  }

  /** @param {DeviceEvent} event */
  #heardDevice(event) {
    if (this.options.isLeaving()) return;
    this.options.report(reportOf(event));
    if (event.callId === null) this.registration.heardDevice(event);
  }
}
