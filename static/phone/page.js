// @ts-check
/** The page: the only module that touches the document. `draw` makes it agree with a view. */

import { activeCall, waitingCalls } from "./call-state.js";
import { cleanAddress, formatAddress, isNumber } from "./dialling.js";
import { formatDuration, stateWords, wordsOfCall, wordsOfWarning } from "./words.js";

/** @import { CallView } from "./call-state.js"; */
/** @import { Situation } from "./registration.js"; */

/**
 * @typedef {object} View
 * @property {Situation} situation
 * @property {CallView[]} calls
 * @property {string} notice What became of the last call.
 * @property {string} digits Those sent in this call.
 * @property {boolean} isKeypadOpen In a call.
 * @property {boolean} isTakenOver Another page has the phone.
 * @property {boolean} isServerLost Reports are kept until the server is back.
 * @property {number} now Milliseconds.
 *
 * @typedef {object} PageHandlers
 * @property {(to: string, callFrom: string, name: string) => void} call
 * @property {() => void} hangUp
 * @property {() => void} mute
 * @property {() => void} keypad
 * @property {(digit: string) => void} digit
 * @property {(id: string) => void} answer
 * @property {(id: string) => void} decline
 * @property {() => void} retry
 * @property {() => void} touched Somebody has used the page: sound is allowed from now on.
 */

const KEY = /^[0-9*#]$/;
const HOLD_FOR_PLUS_MS = 550;

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} name
 * @param {ParentNode} [within]
 * @returns {T}
 */
function part(name, within = document) {
  const element = within.querySelector(`[data-part="${name}"]`);
  if (!element) throw new Error(`The page has no part “${name}”.`);
  return /** @type {T} */ (element);
}

/** @returns {any} What the server handed over. */
export function readPageData() {
  return JSON.parse(document.getElementById("page-data")?.textContent ?? "{}");
}

/** @returns {DOMStringMap} Addresses of pages, and of each sound. */
export function readAddresses() {
  return part("phone").dataset;
}

export class Page {
  /** @type {View | null} */
  #view = null;
  #title = document.title;
  /** @type {Map<string, Notification>} */
  #notifications = new Map();

  /** @param {PageHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.field = /** @type {HTMLInputElement} */ (part("to"));
    this.callFrom = /** @type {HTMLSelectElement} */ (part("call-from"));
    this.#listen();
  }

  /**
   * Puts an address into the field, for the person to look at before they call.
   * @param {string} address
   */
  prefill(address) {
    this.field.value = cleanAddress(address);
    this.#fieldChanged();
  }

  /** @param {View} view */
  draw(view) {
    const focused = document.activeElement;
    this.#view = view;
    const active = activeCall(view.calls);
    const waiting = waitingCalls(view.calls);
    this.#drawState(view, active);
    this.#drawVerdict(view);
    this.#drawCall(view, active);
    this.#drawWaiting(waiting, active);
    this.#drawDialler(view, active, waiting);
    this.#tellOutside(waiting);
    if (focused instanceof HTMLElement && focused !== document.body && !focused.checkVisibility()) {
      (active ? part("hang-up") : this.field).focus();
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
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString();
    const name = document.createElement("b");
    name.textContent = state;
    name.dataset.state = state;
    const rest = document.createElement("span");
    rest.textContent = words;
    line.append(time, name, rest);
    const list = part("log");
    list.prepend(line);
    while (list.childElementCount > 100) list.lastElementChild?.remove();
  }

  #listen() {
    const { handlers } = this;
    part("dialler").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    part("hang-up").addEventListener("click", () => handlers.hangUp());
    part("mute").addEventListener("click", () => handlers.mute());
    part("keypad").addEventListener("click", () => handlers.keypad());
    part("retry").addEventListener("click", () => handlers.retry());
    part("take-back").addEventListener("click", () => handlers.retry());
    part("erase").addEventListener("click", () => this.#erase());
    part("notify").addEventListener("click", () => this.#askToNotify());
    this.field.addEventListener("input", () => this.#fieldChanged());
    this.field.addEventListener("paste", (event) => this.#paste(event));
    for (const key of part("keys").querySelectorAll("button")) this.#listenToKey(key);
    for (const person of part("colleagues").querySelectorAll("button")) {
      person.addEventListener("click", () => this.#choose(person));
    }
    document.addEventListener("keydown", (event) => this.#typed(event));
    for (const touch of ["pointerdown", "keydown"]) {
      document.addEventListener(touch, () => handlers.touched(), { once: true, capture: true });
    }
  }

  /** @param {HTMLButtonElement} key */
  #listenToKey(key) {
    const digit = key.value;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let held;
    let isPlus = false;
    key.addEventListener("pointerdown", () => {
      isPlus = false;
      if (digit !== "0" || this.#active()) return;
      held = setTimeout(() => {
        isPlus = true;
        this.#type("+");
      }, HOLD_FOR_PLUS_MS);
    });
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
      key.addEventListener(end, () => clearTimeout(held));
    }
    key.addEventListener("click", () => {
      if (!isPlus) this.#press(digit);
      isPlus = false;
    });
  }

  /** @param {KeyboardEvent} event A digit typed anywhere but in a field is meant for the keypad. */
  #typed(event) {
    if (!KEY.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLElement && event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    this.#press(event.key);
  }

  /** @param {string} digit */
  #press(digit) {
    if (this.#active()) this.handlers.digit(digit);
    else this.#type(digit);
  }

  /** @param {string} text */
  #type(text) {
    const { selectionStart, selectionEnd, value } = this.field;
    this.field.setRangeText(text, selectionStart ?? value.length, selectionEnd ?? value.length, "end");
    this.#fieldChanged();
  }

  #erase() {
    this.field.value = this.field.value.slice(0, -1);
    this.#fieldChanged();
    this.field.focus();
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!isNumber(text)) return;
    event.preventDefault();
    this.#type(cleanAddress(text));
  }

  #fieldChanged() {
    const typed = this.field.value.trim().toLowerCase();
    part("erase").hidden = typed === "";
    for (const person of part("colleagues").querySelectorAll("button")) {
      const known = `${person.dataset.name} ${person.dataset.email}`.toLowerCase();
      const isLikely = typed === "" || isNumber(typed) || known.includes(typed);
      person.classList.toggle("is-unlikely", !isLikely);
    }
  }

  /** @param {HTMLButtonElement} person */
  #choose(person) {
    this.field.value = person.dataset.name ?? "";
    this.#fieldChanged();
    this.field.focus();
  }

  #submit() {
    const address = cleanAddress(this.field.value);
    if (!address) {
      this.field.value = this.field.dataset.last ?? "";
      this.field.focus();
      this.#fieldChanged();
      return;
    }
    this.field.dataset.last = address;
    this.handlers.call(address, this.callFrom.value, formatAddress(address));
  }

  #active() {
    return this.#view ? activeCall(this.#view.calls) : null;
  }

  /**
   * @param {View} view
   * @param {CallView | null} active
   */
  #drawState({ situation, isTakenOver, isServerLost }, active) {
    part("status").dataset.state = situation.state;
    setText("state", stateWords[situation.state] ?? situation.state);
    const isTrying = situation.isRetrying && situation.state !== "connecting";
    setText("state-detail", active ? "· in a call" : isTrying ? "· trying again" : "");
    part("taken-over").hidden = !isTakenOver;
    part("server-lost").hidden = !isServerLost;
  }

  /** @param {View} view */
  #drawVerdict({ situation: { verdict, state } }) {
    const card = part("verdict");
    card.hidden = !verdict;
    if (!verdict) return delete card.dataset.verdict;
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
    const link = /** @type {HTMLAnchorElement} */ (part("verdict-link"));
    link.hidden = !verdict.link?.startsWith("https://");
    if (!link.hidden) link.href = verdict.link ?? "";
    return true;
  }

  /**
   * @param {View} view
   * @param {CallView | null} active
   */
  #drawCall(view, active) {
    part("call-card").hidden = !active;
    const isOpen = active?.status === "open" || active?.status === "reconnecting";
    for (const name of ["mute", "keypad"]) part(name).hidden = !isOpen;
    part("levels").hidden = !isOpen || view.isKeypadOpen;
    part("call-digits").hidden = !view.digits;
    setText("call-digits", view.digits);
    setText("notice", view.notice);
    part("notice").hidden = !view.notice;
    if (!active) return;
    part("call-card").dataset.status = active.status;
    setText("call-face", faceOf(active));
    setText("call-name", formatAddress(active.name));
    setText("call-address", otherAddress(active));
    const time = active.openedAt === null ? "" : formatDuration(view.now - active.openedAt);
    setText("call-status", active.status === "open" ? time : wordsOfCall(active));
    part("mute").setAttribute("aria-pressed", String(active.isMuted));
    part("keypad").setAttribute("aria-expanded", String(view.isKeypadOpen));
    part("call-card").classList.toggle("is-muted", active.isMuted);
    const warnings = active.warnings.filter((name) => !(active.isMuted && name.includes("input-level")));
    setText("call-warning", warnings.map(wordsOfWarning).find(Boolean) ?? "");
  }

  /**
   * @param {CallView[]} waiting
   * @param {CallView | null} active
   */
  #drawWaiting(waiting, active) {
    const list = part("waiting");
    const template = /** @type {HTMLTemplateElement} */ (part("waiting-template"));
    for (const card of [...list.children]) {
      if (!waiting.some(({ id }) => id === /** @type {HTMLElement} */ (card).dataset.id)) card.remove();
    }
    for (const call of waiting) {
      if ([...list.children].some((card) => /** @type {HTMLElement} */ (card).dataset.id === call.id)) continue;
      const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      part("waiting-card", copy).dataset.id = call.id;
      part("waiting-face", copy).textContent = faceOf(call);
      part("waiting-name", copy).textContent = formatAddress(call.name);
      part("waiting-address", copy).textContent = otherAddress(call);
      part("answer", copy).addEventListener("click", () => this.handlers.answer(call.id));
      part("decline", copy).addEventListener("click", () => this.handlers.decline(call.id));
      list.append(copy);
    }
    part("waiting-note").hidden = !(active && waiting.length);
  }

  /**
   * @param {View} view
   * @param {CallView | null} active
   * @param {CallView[]} waiting
   */
  #drawDialler({ situation, isKeypadOpen }, active, waiting) {
    const isBusy = Boolean(active) || waiting.length > 0;
    part("entry").hidden = part("call").hidden = isBusy;
    part("keys").hidden = active ? !isKeypadOpen : isBusy;
    /** @type {HTMLButtonElement} */ (part("call")).disabled = situation.state !== "ready";
  }

  /** @param {CallView[]} waiting What people see who look at another window. */
  #tellOutside(waiting) {
    const [first] = waiting;
    document.title = first ? `☎ ${formatAddress(first.name)}` : this.#title;
    for (const [id, notification] of this.#notifications) {
      if (waiting.some((call) => call.id === id)) continue;
      notification.close();
      this.#notifications.delete(id);
    }
    const mayNotify = "Notification" in window;
    part("notify").hidden = !mayNotify || Notification.permission !== "default";
    if (!mayNotify || Notification.permission !== "granted" || document.hasFocus()) return;
    for (const call of waiting) {
      if (!this.#notifications.has(call.id)) this.#notify(call);
    }
  }

  /** @param {CallView} call */
  #notify(call) {
    const icon = readAddresses().icon;
    const options = { body: otherAddress(call), tag: call.id, requireInteraction: true, ...(icon && { icon }) };
    const notification = new Notification(`${formatAddress(call.name)} is calling`, options);
    notification.onclick = () => window.focus();
    this.#notifications.set(call.id, notification);
  }

  async #askToNotify() {
    await Notification.requestPermission();
    if (this.#view) this.draw(this.#view);
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function setText(name, text) {
  const element = part(name);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {CallView} call */
function faceOf({ name }) {
  return isNumber(name) ? "#" : name.slice(0, 1).toUpperCase();
}

/** @param {CallView} call */
function otherAddress({ name, address }) {
  const isInternal = address.startsWith("client:");
  return isInternal || address === name ? "" : formatAddress(address);
}
