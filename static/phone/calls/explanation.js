// @ts-check
/**
 * Why the last call is over, in words: at once those of the page, and better ones as soon as the server knows better.
 *
 * @typedef {(callSid: string, isOpen: boolean, heard: (answer: CauseWords) => void) => Promise<void>} AskEnding
 *   Asks the server, again and again until it is settled, why a call is over that is over here: to Twilio an
 *   announcement is an answer, and a call may have been taken elsewhere. `isOpen`: it was talked on here.
 */

import { endingOf, joinEndings, textOf } from "./ending.js";

/** @import { CallState } from "../relay/call-states.js"; */
/** @import { CallView } from "./call-state.js"; */
/** @import { CauseWords, Causes } from "./ending.js"; */

/** The server has had its time to say why: then the page's own guess must do. */
const OWN_GUESS_AFTER_MS = 7_000;
const TAKEN = "answered_elsewhere";
/** What may become of a call that was declined here. */
const AFTER_DECLINE = [TAKEN, "voicemail"];
/** What becomes of the line of one that goes on here by way of another's; the second once that is over, too. */
const AFTER_JOINING = [TAKEN, "answered"];

export class Explanation {
  /** The call whose ending was asked for last, and by which cause it was heard of since. */
  #explained = { callSid: "", cause: "", ask: async () => {} };

  /**
   * @param {object} options
   * @param {Causes} options.causes
   * @param {AskEnding} options.askEnding
   * @param {() => string} options.getMicrophoneRefusal The name of the verdict on the browser's last refusal.
   * @param {(callSid: string) => boolean} options.isTalkedHere A call that rang goes on here, joined to the line of
   *   another: that its own line is over is no end.
   * @param {(callSid: string) => boolean} options.isSentAway To voicemail, from here.
   * @param {() => CauseWords | null} options.getShown What stands on the board.
   * @param {(ending: CauseWords) => void} options.show
   */
  constructor(options) {
    this.options = options;
  }

  /**
   * Says why a call is over: at once in the page's own words, and better as soon as the server knows better.
   *
   * @param {CallView} call
   * @param {string} callSid
   */
  async of(call, callSid) {
    const { causes } = this.options;
    const microphone = this.options.getMicrophoneRefusal();
    const isSentAway = this.options.isSentAway(callSid);
    const known = { now: Date.now(), causes, microphone, isSentAway, isNamed: call.callSid !== "" };
    const own = endingOf(call, known);
    const isDeclined = call.lastEvent === "reject";
    const isKnown = own.isSure || !callSid;
    const isOwnDoing = isDeclined || isSentAway;
    const goesOn = () => this.options.isTalkedHere(callSid);
    const wasJoined = goesOn();
    // Until the server has said something it is a guess, in words that are true whatever the cause is.
    const first = isKnown || isOwnDoing || own.isFirm ? own : { ...textOf(causes, ""), words: own.words };
    let shown = wasJoined ? this.options.getShown() : this.#show(first);
    if (isKnown) return;
    const tell = (/** @type {CauseWords} */ ending) => {
      if (this.options.getShown() === shown && !goesOn()) shown = this.#show(ending);
    };
    const guess = () => wasJoined || shown?.cause || tell(own);
    // Whatever the server does, and also where it does nothing.
    const patience = setTimeout(guess, OWN_GUESS_AFTER_MS);
    const heard = (/** @type {CauseWords} */ answer) => {
      // By then it may be over, too: taken it was, and here.
      const isNoNews = wasJoined
        ? AFTER_JOINING.includes(answer.cause)
        : isDeclined && !AFTER_DECLINE.includes(answer.cause);
      if (answer.cause && !isNoNews) tell(joinEndings(own, answer, causes));
    };
    const ask = () => this.options.askEnding(callSid, call.openedAt !== null, heard);
    this.#explained = { callSid, cause: "", ask };
    await ask();
    clearTimeout(patience);
    guess();
  }

  /**
   * The server tells of calls: one that ended here may have gone on elsewhere, until a message was left.
   * @param {Pick<CallState, "callSid" | "state" | "cause">[]} states
   */
  heardStates(states) {
    const known = this.#explained;
    const shown = this.options.getShown();
    const told = states.find(({ callSid, state, cause }) => callSid === known.callSid && state === "ended" && cause);
    if (!told || !shown || [shown.cause, known.cause].includes(told.cause)) return;
    known.cause = told.cause;
    void known.ask();
  }

  /**
   * @param {CauseWords} ending
   * @returns {CauseWords} What stands on the board now.
   */
  #show(ending) {
    this.options.show(ending);
    return ending;
  }
}
