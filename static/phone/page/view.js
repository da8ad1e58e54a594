// @ts-check
/**
 * What the page shows, as one value: whoever learns something changes its part, and all is drawn anew.
 * Touches no document itself.
 *
 * @typedef {object} View
 * @property {Situation} situation
 * @property {Board} board
 * @property {InCall} inCall What the server knows of calls, and is asked to do to them.
 * @property {Record<string, Note>} notes By a Call's SID.
 * @property {number} serverAhead Milliseconds by which the server's clock is ahead of this browser's.
 * @property {boolean} isServerLost Reports are kept until the server is back.
 * @property {boolean} canCall There is a TwiML App, without which the phone can only be called.
 * @property {boolean} isMuffled The browser keeps the page silent until somebody touches it.
 * @property {Where} where The phone is.
 * @property {number} now Milliseconds.
 */

/** @import { InCall } from "../calls/deeds.js"; */
/** @import { Note } from "../calls/notes.js"; */
/** @import { Board } from "../calls/switchboard.js"; */
/** @import { Situation } from "../device/registration.js"; */
/** @import { Where } from "../tabs/place.js"; */

/** So that no second of a call's time is skipped. */
const REDRAW_IN_A_CALL_MS = 500;

export class LiveView {
  /** @type {View} */
  current;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  /** @type {(view: View) => void} */
  #draw = () => {};

  /** @param {Pick<View, "isMuffled">} options */
  constructor({ isMuffled }) {
    this.current = {
      situation: { state: "connecting", verdict: null, isRetrying: true },
      board: { calls: [], notice: "", ending: null, digits: "", isKeypadOpen: false, microphone: "", soundNote: "", sounds: {} },
      inCall: { states: [], underWay: {}, said: {} },
      notes: {},
      serverAhead: 0,
      isServerLost: false,
      canCall: true,
      isMuffled,
      where: { kind: "here", isHere: true, elsewhere: null, hasSpares: false, move: "" },
      now: Date.now(),
    };
  }

  /** @param {(view: View) => void} draw Called at once, and whenever something has changed. */
  show(draw) {
    this.#draw = draw;
    draw(this.current);
  }

  /** @param {Partial<View>} some */
  change(some) {
    this.current = { ...this.current, ...some, now: Date.now() };
    this.#draw(this.current);
    if (some.board) this.#keepTime();
  }

  #keepTime() {
    if (this.current.board.calls.length > 0) {
      this.#clock ??= setInterval(() => this.change({}), REDRAW_IN_A_CALL_MS);
    } else {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }
}
