// @ts-check
/** The page as a whole: `draw` makes the document agree with a view. Only this folder touches the document. */

import { activeCall, waitingCalls } from "../calls/call-state.js";
import { drawCall } from "./call-card.js";
import { Dialler } from "./dialler.js";
import { part, setText } from "./parts.js";
import { ReportButton } from "./report-button.js";
import { Ringing } from "./ringing.js";
import { drawVerdict } from "./verdict-card.js";
import { stateWords } from "./words.js";

/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Handset } from "../calls/handset.js"; */
/** @import { View } from "./view.js"; */

/**
 * @typedef {object} PageHandlers
 * @property {Handset} handset What the buttons of calls do.
 * @property {() => void} retry
 * @property {() => void} dismiss The verdict has been read.
 * @property {() => string} supportReport
 * @property {() => void} touched Somebody has used the page: sound is allowed from now on.
 */

export class Page {
  /** @param {PageHandlers} handlers */
  constructor(handlers) {
    const { handset } = handlers;
    this.dialler = new Dialler(handset);
    this.ringing = new Ringing(handset);
    new ReportButton(handlers);
    part("hang-up").addEventListener("click", () => handset.hangUp());
    part("mute").addEventListener("click", () => handset.mute());
    part("keypad").addEventListener("click", () => handset.keypad());
    part("retry").addEventListener("click", () => handlers.retry());
    part("dismiss").addEventListener("click", () => handlers.dismiss());
    for (const touch of ["pointerup", "keydown"]) {
      document.addEventListener(touch, () => handlers.touched(), { once: true });
    }
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
    if (focused instanceof HTMLElement && focused !== document.body && !focused.checkVisibility()) {
      // What had the focus is gone: whoever goes by keyboard must not be thrown to the top.
      if (active) part("hang-up").focus();
      else this.dialler.focus();
    }
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
  setText("notice", board.notice);
}
