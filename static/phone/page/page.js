// @ts-check
/** The page as a whole: `draw` makes the document agree with a view. Only this folder touches the document. */

import { activeCall } from "../calls/call-state.js";
import { conversationsOf } from "../calls/conversations.js";
import { waitingOf } from "../calls/waiting.js";
import { microphoneWords } from "../calls/words.js";
import { CallCards } from "./call-cards.js";
import { Clicks, DOUBLE_CLICK_MS } from "./clicks.js";
import { Dialler } from "./dialler.js";
import { drawEnding } from "./ending-note.js";
import { IconBadge } from "./icon-badge.js";
import { markCause, part, setText } from "./parts.js";
import { ReportButton } from "./report-button.js";
import { Ringing } from "./ringing.js";
import { Shortcuts } from "./shortcuts.js";
import { SuggestionList } from "./suggestion-list.js";
import { drawVerdict } from "./verdict-card.js";
import { drawWhere, wordsBeside } from "./whereabouts.js";
import { WhomDialog } from "./whom-dialog.js";
import { stateWords } from "./words.js";
import { gettext } from "../../texts.js";

/** @import { AskWhom, Dialling } from "./dialler.js"; */
/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Colleague } from "../calls/whom.js"; */
/** @import { Suggestion } from "../relay/suggestions.js"; */
/** @import { Handset } from "../calls/handset.js"; */
/** @import { View } from "./view.js"; */
/** @import { WhomKind } from "./whom-dialog.js"; */

/**
 * @typedef {object} PageHandlers
 * @property {Handset} handset What the buttons of calls do.
 * @property {AskWhom} askWhom
 * @property {(typed: string, signal: AbortSignal) => Promise<Suggestion[]>} suggest The server, whom one may mean.
 * @property {() => void} retry
 * @property {() => void} dismiss The verdict has been read.
 * @property {() => void} useHere Brings the phone to this tab.
 * @property {() => string} supportReport
 * @property {(to: string) => string} presenceOf How a colleague is just now, in words; empty for anybody else.
 * @property {(colleague: Colleague) => string} hintFor What to know of a colleague before they are called.
 * @property {() => void} touched Somebody has used the page: sound is allowed from now on.
 */

const CANNOT_CALL =
  gettext("This phone can be called, but cannot call: its Twilio account has no TwiML App for it. “Twilio” says what to do about it.");

export class Page {
  #isInCall = false;
  #callCardSince = 0;
  /** @type {Record<WhomKind, WhomDialog>} */
  #dialogs;

  /**
   * @param {PageHandlers} handlers
   * @param {Dialling} dialling
   * @param {Colleague[]} colleagues
   */
  constructor(handlers, dialling, colleagues) {
    const { handset } = handlers;
    this.clicks = new Clicks();
    const onDial = {
      call: handset.call.bind(handset),
      hearEcho: handset.hearEcho.bind(handset),
      refuse: handset.refuse.bind(handset),
      digit: (/** @type {string} */ text) => handset.digit(text, this.cards.first?.conversation),
    };
    this.dialler = new Dialler(onDial, dialling, handlers.askWhom, colleagues, handlers.hintFor);
    this.badge = new IconBadge();
    this.ringing = new Ringing(handset, this.badge);
    this.#dialogs = this.#makeDialogs(handset);
    this.#suggest(handlers, colleagues);
    this.cards = new CallCards({
      handset,
      isHasty: (event) => this.#isHasty(event),
      askWhom: (kind, card) => this.#dialogs[kind].open(card),
    });
    new Shortcuts((deed) => this.#press(deed));
    new ReportButton(handlers);
    part("retry").addEventListener("click", () => handlers.retry());
    part("dismiss").addEventListener("click", () => handlers.dismiss());
    part("use-here").addEventListener("click", () => handlers.useHere());
    for (const touch of ["pointerup", "keydown"]) {
      document.addEventListener(touch, () => handlers.touched(), { once: true });
    }
  }

  /**
   * @param {Pick<PageHandlers, "suggest" | "presenceOf">} handlers
   * @param {Colleague[]} colleagues
   */
  #suggest({ suggest: ask, presenceOf }, colleagues) {
    const { dialler } = this;
    new SuggestionList(dialler.field, part("read"), colleagues, {
      ask,
      presenceOf,
      choose: (one) => dialler.suggested(one),
      learn: (found) => dialler.learnNames(found),
    });
    for (const { field, dialog } of Object.values(this.#dialogs)) {
      const choose = (/** @type {Suggestion} */ { to }) => {
        field.value = to;
      };
      // Behind the buttons, which would otherwise move away from whoever is about to press one.
      const buttons = dialog.querySelector(".actions") ?? field;
      new SuggestionList(field, buttons, colleagues, { ask, presenceOf, choose });
    }
  }

  /** @param {Handset} handset */
  #makeDialogs(handset) {
    const more = {
      act: handset.act.bind(handset),
      seen: handset.seen.bind(handset),
      getCallFrom: () => this.dialler.callFrom.value,
    };
    return {
      transfer: new WhomDialog("transfer", { deeds: ["transfer", "consult"], ...more }),
      add: new WhomDialog("add", { deeds: ["add"], ...more }),
    };
  }

  /**
   * The second click of a double click on Call or Answer lands on what has just appeared there; so does Enter.
   * @param {MouseEvent} event
   */
  #isHasty(event) {
    const isByKey = event.detail === 0;
    return isByKey ? event.timeStamp - this.#callCardSince < DOUBLE_CLICK_MS : this.clicks.isSecond(event);
  }

  /** @param {string} deed By a key: the button's own click, so that it can no more than the button can. */
  #press(deed) {
    const card = this.cards.first;
    const button = deed === "answer" ? this.ringing.firstAnswer : card?.part(deed);
    if (!button?.checkVisibility()) return;
    // From here on the keys are the call's: it gets the focus as by a click.
    if (deed === "answer") button.focus();
    button.click();
  }

  /** @param {View} view */
  draw(view) {
    const focused = document.activeElement;
    const { calls } = view.board;
    const active = activeCall(calls);
    const { states } = view.inCall;
    const conversations = conversationsOf({ calls, states, serverAhead: view.serverAhead });
    const waiting = ringsHere(view) ? waitingOf(calls, states, conversations) : [];
    this.dialler.isInCall = active !== null;
    // It is large, and nothing that has to be there before.
    if (view.situation.state === "ready") void this.dialler.learnNumbers(part("phone").dataset.numbers ?? "");
    // Nobody is kept by an echo test: to answer ends it.
    this.ringing.draw(view, waiting, active !== null && !active.isEcho);
    drawState(view, active);
    drawWhere(view);
    drawVerdict(view.situation);
    this.cards.draw(view, conversations);
    for (const dialog of Object.values(this.#dialogs)) dialog.draw(view);
    drawDialler(view, active, calls.length > 0);
    setText("microphone-note", active ? "" : microphoneWords[waiting.length ? view.board.microphone : ""]);
    setText("sound-note", view.board.soundNote);
    this.#keepFocus(focused);
    this.#noteCall(active !== null);
  }

  /**
   * What had the focus is gone: whoever goes by keyboard must not be thrown to the top.
   * @param {Element | null} focused
   */
  #keepFocus(focused) {
    if (!(focused instanceof HTMLElement) || focused === document.body || focused.checkVisibility()) return;
    const { first } = this.cards;
    // No button of a call that rings: what is still being typed must not answer it, or send it away.
    if (first) first.focus();
    else (this.ringing.first ?? this.dialler).focus();
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
function drawState({ situation, where, isServerLost, isMuffled }, active) {
  part("status").dataset.state = situation.state;
  setText("state", where.kind === "browser" ? gettext("Elsewhere") : (stateWords[situation.state] ?? situation.state));
  const isTrying = situation.isRetrying && situation.state !== "connecting";
  const doing = active ? `· ${gettext("in a call")}` : isTrying ? `· ${gettext("trying again")}` : "";
  const beside = wordsBeside(where);
  setText("state-detail", where.kind === "here" ? doing || beside : beside);
  part("server-lost").hidden = !isServerLost;
  part("muffled").hidden = !isMuffled || situation.state !== "ready" || where.kind !== "here";
}

/**
 * One tab rings: the phone, or the one to which somebody brings it.
 * @param {View} view
 */
function ringsHere({ where }) {
  return where.isHere || where.move === "waiting";
}

/**
 * @param {View} view
 * @param {CallView | null} active
 * @param {boolean} isBusy In a call, or rung: here, or in the tab that is the phone.
 */
function drawDialler({ situation, board, canCall }, active, isBusy) {
  const call = /** @type {HTMLButtonElement} */ (part("call"));
  part("entry").hidden = call.hidden = isBusy;
  part("keys").hidden = active ? !board.isKeypadOpen : isBusy;
  call.disabled = situation.state !== "ready" || !canCall;
  const cannot = part("cannot-call");
  setText("cannot-call", canCall ? "" : CANNOT_CALL);
  cannot.hidden = canCall || isBusy;
  markCause(cannot, canCall ? "" : "twiml_app_missing");
  drawEnding(board);
}
