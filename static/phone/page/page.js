// @ts-check
/** The page as a whole: `draw` makes the document agree with a view. Only this folder touches the document. */

import { activeCall, waitingCalls } from "../calls/call-state.js";
import { microphoneWords } from "../calls/words.js";
import { drawCall } from "./call-card.js";
import { Clicks, DOUBLE_CLICK_MS } from "./clicks.js";
import { Dialler } from "./dialler.js";
import { drawEnding } from "./ending-note.js";
import { part, setText } from "./parts.js";
import { ReportButton } from "./report-button.js";
import { Ringing } from "./ringing.js";
import { drawVerdict } from "./verdict-card.js";
import { stateWords } from "./words.js";

/** @import { AskWhom, Dialling } from "./dialler.js"; */
/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Colleague } from "../calls/whom.js"; */
/** @import { Handset } from "../calls/handset.js"; */
/** @import { View } from "./view.js"; */

/**
 * @typedef {object} PageHandlers
 * @property {Handset} handset What the buttons of calls do.
 * @property {AskWhom} askWhom
 * @property {() => void} retry
 * @property {() => void} dismiss The verdict has been read.
 * @property {() => string} supportReport
 * @property {() => void} touched Somebody has used the page: sound is allowed from now on.
 */

export class Page {
  #isInCall = false;
  #callCardSince = 0;

  /**
   * @param {PageHandlers} handlers
   * @param {Dialling} dialling
   * @param {Colleague[]} colleagues
   */
  constructor(handlers, dialling, colleagues) {
    const { handset } = handlers;
    this.clicks = new Clicks();
    this.dialler = new Dialler(handset, dialling, handlers.askWhom, colleagues);
    this.ringing = new Ringing(handset);
    new ReportButton(handlers);
    this.#onCallCard("hang-up", () => handset.hangUp());
    this.#onCallCard("mute", () => handset.mute());
    this.#onCallCard("keypad", () => handset.keypad());
    part("retry").addEventListener("click", () => handlers.retry());
    part("dismiss").addEventListener("click", () => handlers.dismiss());
    for (const touch of ["pointerup", "keydown"]) {
      document.addEventListener(touch, () => handlers.touched(), { once: true });
    }
  }

  /**
   * The second click of a double click on Call or Answer lands on what has just appeared there; so does Enter.
   * @param {string} name
   * @param {() => void} act
   */
  #onCallCard(name, act) {
    part(name).addEventListener("click", (event) => {
      const isByKey = event.detail === 0;
      const isHasty = isByKey ? event.timeStamp - this.#callCardSince < DOUBLE_CLICK_MS : this.clicks.isSecond(event);
      if (!isHasty) act();
    });
  }

  /** @param {View} view */
  draw(view) {
    const focused = document.activeElement;
    const active = activeCall(view.board.calls);
    const waiting = waitingCalls(view.board.calls);
    this.dialler.isInCall = active !== null;
    this.ringing.draw(waiting, active !== null);
    drawState(view, active);
    drawVerdict(view.situation);
    drawCall(view, active);
    drawDialler(view, active, waiting);
    setText("microphone-note", active ? "" : microphoneWords[waiting.length ? view.board.microphone : ""]);
    if (focused instanceof HTMLElement && focused !== document.body && !focused.checkVisibility()) {
      // What had the focus is gone: whoever goes by keyboard must not be thrown to the top.
      if (active) part("hang-up").focus();
      else this.dialler.focus();
    }
    this.#noteCall(active !== null);
  }

  /** @param {boolean} isInCall */
  #noteCall(isInCall) {
    if (isInCall && !this.#isInCall) this.#callCardSince = performance.now();
    if (!isInCall && this.#isInCall) this.dialler.callEnded();
    this.#isInCall = isInCall;
  }
}

/** Whether nobody has touched the page yet, so that the browser would keep an incoming call silent. */
export function isMuffled() {
  return navigator.userActivation ? !navigator.userActivation.hasBeenActive : false;
}

/**
 * @param {View} view
 * @param {CallView | null} active
 */
function drawState({ situation, isServerLost, isMuffled }, active) {
  part("status").dataset.state = situation.state;
  setText("state", stateWords[situation.state] ?? situation.state);
  const isTrying = situation.isRetrying && situation.state !== "connecting";
  setText("state-detail", active ? "· in a call" : isTrying ? "· trying again" : "");
  part("server-lost").hidden = !isServerLost;
  part("muffled").hidden = !isMuffled || situation.state !== "ready";
}

/**
 * @param {View} view
 * @param {CallView | null} active
 * @param {CallView[]} waiting
 */
function drawDialler({ situation, board }, active, waiting) {
  const isBusy = active !== null || waiting.length > 0;
  const call = /** @type {HTMLButtonElement} */ (part("call"));
  part("entry").hidden = call.hidden = isBusy;
  part("keys").hidden = active ? !board.isKeypadOpen : isBusy;
  call.disabled = situation.state !== "ready";
  drawEnding(board);
}
