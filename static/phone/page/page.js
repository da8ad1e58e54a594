// @ts-check
/** The page as a whole: `draw` makes the document agree with a view. Only this folder touches the document. */

import { activeCall, waitingCalls } from "../calls/call-state.js";
import { formatAddress } from "../calls/dialling.js";
import { formatDuration, stateWords, wordsOfCall, wordsOfWarning } from "../calls/words.js";
import { Dialler } from "./dialler.js";
import { addressBeneath, faceOf, part, setText } from "./parts.js";
import { ReportButton } from "./report-button.js";
import { Ringing } from "./ringing.js";

/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Board } from "../calls/switchboard.js"; */
/** @import { Situation } from "../device/registration.js"; */
/** @import { DiallerHandlers } from "./dialler.js"; */
/** @import { RingingHandlers } from "./ringing.js"; */

/**
 * @typedef {object} View
 * @property {Situation} situation
 * @property {Board} board
 * @property {boolean} isTakenOver Another page has the phone.
 * @property {boolean} isServerLost Reports are kept until the server is back.
 * @property {boolean} isMuffled The browser keeps the page silent until somebody touches it.
 * @property {number} now Milliseconds.
 *
 * @typedef {object} PageHandlers
 * @property {() => void} hangUp
 * @property {() => void} mute
 * @property {() => void} keypad
 * @property {() => void} retry
 * @property {() => string} supportReport
 * @property {() => void} dismiss The verdict has been read.
 * @property {() => void} touched Somebody has used the page: sound is allowed from now on.
 */

const LOG_LENGTH = 100;

export class Page {
  /** @param {PageHandlers & DiallerHandlers & RingingHandlers} handlers */
  constructor(handlers) {
    this.dialler = new Dialler(handlers);
    this.ringing = new Ringing(handlers);
    new ReportButton(handlers);
    part("hang-up").addEventListener("click", () => handlers.hangUp());
    part("mute").addEventListener("click", () => handlers.mute());
    part("keypad").addEventListener("click", () => handlers.keypad());
    part("retry").addEventListener("click", () => handlers.retry());
    part("dismiss").addEventListener("click", () => handlers.dismiss());
    part("take-back").addEventListener("click", () => handlers.retry());
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

  /**
   * @param {number} input 0 to 1
   * @param {number} output 0 to 1
   */
  drawLevels(input, output) {
    part("input-level").style.setProperty("--level", String(Math.min(1, input * 1.6)));
    part("output-level").style.setProperty("--level", String(Math.min(1, output * 1.6)));
  }

  /**
   * Adds a line to what the phone did, newest first.
   * @param {{at: Date, state: string, words: string}} entry
   */
  log({ at, state, words }) {
    const time = document.createElement("time");
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString();
    const name = document.createElement("b");
    name.textContent = state;
    const rest = document.createElement("span");
    rest.textContent = words;
    const line = document.createElement("li");
    line.append(time, name, rest);
    const list = part("log");
    list.prepend(line);
    if (list.childElementCount > LOG_LENGTH) list.lastElementChild?.remove();
  }
}

/**
 * @param {View} view
 * @param {CallView | null} active
 */
function drawState({ situation, isTakenOver, isServerLost, isMuffled }, active) {
  part("status").dataset.state = situation.state;
  setText("state", stateWords[situation.state] ?? situation.state);
  const isTrying = situation.isRetrying && situation.state !== "connecting";
  setText("state-detail", active ? "· in a call" : isTrying ? "· trying again" : "");
  part("taken-over").hidden = !isTakenOver;
  part("server-lost").hidden = !isServerLost;
  part("muffled").hidden = !isMuffled || situation.state !== "ready";
}

/** @param {Situation} situation */
function drawVerdict({ verdict, state }) {
  const card = part("verdict");
  card.hidden = !verdict;
  if (!verdict) {
    delete card.dataset.verdict;
    return;
  }
  card.dataset.verdict = verdict.code;
  card.classList.toggle("is-blame", verdict.blames_credentials);
  setText("verdict-title", verdict.title);
  setText("verdict-explanation", verdict.explanation);
  setText("verdict-remedy", verdict.remedy);
  const { code, status, message, request_id: id } = verdict.twilio ?? {};
  const said = [status && `HTTP ${status}`, code && `code ${code}`, message, id].filter(Boolean).join(" · ");
  setText("verdict-twilio", said);
  part("verdict-twilio-line").hidden = !said;
  part("verdict-connect").hidden = !verdict.blames_credentials && verdict.code !== "not_connected";
  part("retry").hidden = state === "ready";
  part("dismiss").hidden = state !== "ready";
  const link = /** @type {HTMLAnchorElement} */ (part("verdict-link"));
  link.hidden = !verdict.link?.startsWith("https://");
  if (!link.hidden) link.href = verdict.link ?? "";
}

/**
 * @param {View} view
 * @param {CallView | null} active
 */
function drawCall({ board, now }, active) {
  part("call-card").hidden = !active;
  const isOpen = active?.status === "open" || active?.status === "reconnecting";
  part("mute").hidden = part("keypad").hidden = !isOpen;
  part("levels").hidden = !isOpen || board.isKeypadOpen;
  part("call-digits").hidden = !board.digits;
  setText("call-digits", board.digits);
  if (!active) return;
  part("call-card").dataset.status = active.status;
  setText("call-face", faceOf(active));
  setText("call-name", formatAddress(active.name));
  setText("call-address", addressBeneath(active));
  const time = active.openedAt === null ? "" : formatDuration(now - active.openedAt);
  setText("call-status", active.status === "open" ? time : wordsOfCall(active));
  part("mute").setAttribute("aria-pressed", String(active.isMuted));
  part("keypad").setAttribute("aria-expanded", String(board.isKeypadOpen));
  part("call-card").classList.toggle("is-muted", active.isMuted);
  const warnings = active.warnings.filter((name) => !(active.isMuted && name.includes("input-level")));
  setText("call-warning", warnings.map(wordsOfWarning).find(Boolean) ?? "");
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
