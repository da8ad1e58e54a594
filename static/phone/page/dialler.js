// @ts-check
/**
 * Whom to call: what is typed, keyed, pasted or chosen, read as a number or a name, and called.
 *
 * @typedef {object} DiallerHandlers
 * @property {(to: string, callFrom: string, name: string) => void} call
 * @property {() => void} hearEcho Calls nobody: whoever speaks hears themselves.
 * @property {(words: string, cause: string) => void} refuse Says why nobody is called; empty takes it back.
 * @property {(text: string) => void} digit In a call: a key, or what is pasted.
 *
 * @typedef {(typed: string, callFrom: string) => Promise<Answer | null>} AskWhom The server, whom one means; null
 *   where it cannot be asked.
 * @typedef {{to: string, name: string, refusal: string, cause: string}} Answer
 *
 * @typedef {object} Dialling What the server says of the person who dials.
 * @property {string} home The country whose numbers they type; empty for the one of the number they call from.
 * @property {Record<string, string>} countries Of each number to call from.
 * @property {EmergencyPatterns} emergency
 */

import { loadLibrary } from "../calls/dialling/library.js";
import { hasLibrary } from "../calls/dialling/plans.js";
import { read } from "../calls/dialling/reading.js";
import { describeTyped, formatAddress, isNumber } from "../calls/dialling/showing.js";
import { findWhom } from "../calls/whom.js";
import { ColleagueList } from "./colleague-list.js";
import { Keys } from "./keys.js";
import { NumberField } from "./number-field.js";
import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { EmergencyPatterns } from "../calls/dialling/emergency.js"; */
/** @import { Place } from "../calls/dialling/reading.js"; */
/** @import { Suggestion } from "../relay/suggestions.js"; */
/** @import { Colleague } from "../calls/whom.js"; */

const DEFAULT_COUNTRY = "US";

export class Dialler {
  /** In a call the keys send tones; before it they type. */
  isInCall = false;
  #last = "";
  /** What numbers are called by the person's contacts, as far as the server has suggested them. @type {Map<string, string>} */
  #names = new Map();

  /**
   * @param {DiallerHandlers} handlers
   * @param {Dialling} dialling
   * @param {AskWhom} askWhom
   * @param {Colleague[]} colleagues Whom one can call by name.
   * @param {(colleague: Colleague) => string} hintFor What to know of a colleague before they are called.
   */
  constructor(handlers, dialling, askWhom, colleagues, hintFor) {
    this.hintFor = hintFor;
    this.handlers = handlers;
    this.dialling = dialling;
    this.askWhom = askWhom;
    this.entry = new NumberField({ getHome: () => this.#place.home, changed: () => this.#changed() });
    this.field = this.entry.field;
    this.callFrom = /** @type {HTMLSelectElement} */ (part("call-from"));
    this.colleagues = colleagues;
    this.list = new ColleagueList({ choose: (person) => this.#choose(person), shown: () => this.colleaguesShown() });
    this.#listen();
  }

  /**
   * Puts an address into the field, for the person to look at before they call.
   * @param {string} address
   */
  prefill(address) {
    this.field.value = address.trim();
    this.#changed();
  }

  focus() {
    this.field.focus();
  }

  /** A list of theirs has come: whom what is typed cannot mean is left out. */
  colleaguesShown() {
    this.#showReading();
  }

  /** @param {Suggestion} suggestion */
  suggested({ to, name }) {
    if (to.startsWith("+")) this.#names.set(to, name);
    // What is dialled after the answer is read again as it is written for that.
    this.prefill(to.includes(",") ? to : formatAddress(to));
  }

  /** @param {Suggestion[]} found */
  learnNames(found) {
    for (const { to, name } of found) this.#names.set(to, name);
    this.#showReading();
  }

  /** The number stays, to be called again; the first key replaces it. */
  callEnded() {
    this.field.select();
  }

  /** @param {string} library The address of libphonenumber, which tells what a number is. */
  async learnNumbers(library) {
    if (!hasLibrary() && (await loadLibrary(library))) this.#showReading();
  }

  /** Not during a call, nor while one rings: what was typed before is then not to be called. */
  get #isShown() {
    return part("entry").checkVisibility();
  }

  /** @returns {Place} */
  get #place() {
    const country = this.dialling.countries[this.callFrom.value] || DEFAULT_COUNTRY;
    return { home: this.dialling.home || country, countries: [country], emergency: this.dialling.emergency };
  }

  #listen() {
    part("dialler").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.callFrom.addEventListener("change", () => this.#changed());
    document.addEventListener("paste", (event) => this.#paste(event));
    new Keys({
      isInCall: () => this.isInCall,
      isTyping: () => this.#isShown,
      press: (key) => (this.isInCall ? this.handlers.digit(key) : this.entry.type(key)),
      type: (text) => {
        this.entry.type(text);
        this.focus();
      },
      enter: () => part("call").click(),
    });
  }

  /**
   * @param {ClipboardEvent} event One outside of every field is meant for this one. A field has no line ends, and
   *   without them two numbers would become one.
   */
  #paste(event) {
    const target = event.target instanceof HTMLElement ? event.target : null;
    const text = event.clipboardData?.getData("text").trim();
    if (!text) return;
    if (this.isInCall && !target?.closest("input, select, textarea")) this.handlers.digit(text);
    if (this.isInCall || !this.#isShown) return;
    const isElsewhere = target?.closest("input, select, textarea");
    if (isElsewhere && !(target === this.field && /[\r\n]/.test(text))) return;
    event.preventDefault();
    this.entry.type(text.replace(/(\d[)\]]?)\s*[\r\n]\s*(?=[(+\d])/g, "$1 / ").replace(/\s+/g, " "));
    this.focus();
  }

  /** Something else is typed: why nobody was called, or the last call is over, is read. */
  #changed() {
    this.#showReading();
    this.#refuse("");
  }

  /** Of a colleague who is meant by what is typed; also when they have become something else meanwhile. */
  showHint() {
    const typed = this.field.value.trim();
    const { to } = typed ? findWhom(typed, this.colleagues, this.#place) : { to: "" };
    const colleague = this.colleagues.find(({ email }) => email === to);
    setText("to-presence", colleague ? this.hintFor(colleague) : "");
  }

  #showReading() {
    const typed = this.field.value.trim();
    const reading = this.#read();
    part("erase").hidden = typed === "";
    const words = reading ? describeTyped(typed, reading, this.#place.home) : "";
    const name = reading?.number ? this.#names.get(reading.number + reading.after) : "";
    setText("reading", name && !isNumber(name) ? `${name} · ${words}` : words);
    this.showHint();
    this.list.showLikely(reading?.isWords ? typed : "");
  }

  #read() {
    const typed = this.field.value.trim();
    return typed && hasLibrary() ? read(typed, this.#place) : null;
  }

  /** @param {Colleague} person By name where nobody else could be meant, else by e-mail address. */
  #choose({ name, email }) {
    const isClear = hasLibrary() && findWhom(name, this.colleagues, this.#place).to === email;
    // In a small window the list may lie over the phone.
    part("phone").classList.remove("is-over");
    this.prefill(isClear ? name : email);
    this.focus();
  }

  /**
   * Calls whom a pane names, where that can be done now; they stand in the field in any case.
   * @param {string} address
   * @param {string} callFrom The number to show them, where it is one to call from.
   * @returns {string} Why they are not called; empty where they are.
   */
  callBack(address, callFrom) {
    const isBusy = !this.#isShown;
    if ([...this.callFrom.options].some(({ value }) => value === callFrom)) this.callFrom.value = callFrom;
    this.prefill(address);
    if (isBusy) return gettext("You are in a call. When it is over, they stand in the field, to be called.");
    this.focus();
    const why = this.#whyNoCall();
    if (why !== null) return why || gettext("The phone is not ready. They stand in the field, to be called once it is.");
    part("call").click();
    return "";
  }

  /**
   * Begins an echo test, where that can be done now.
   * @returns {string} Why it is not begun; empty where it is.
   */
  hearEcho() {
    if (!this.#isShown) return gettext("You are in a call. An echo test can be made once it is over.");
    const why = this.#whyNoCall();
    if (why !== null) return why || gettext("The phone is not ready. Try again once it is.");
    this.handlers.hearEcho();
    return "";
  }

  /** @returns {string | null} Null where calls can be made; empty where it is only that the phone is not ready. */
  #whyNoCall() {
    if (!(/** @type {HTMLButtonElement} */ (part("call")).disabled)) return null;
    return part("cannot-call").hidden ? "" : (part("cannot-call").textContent?.trim() ?? "");
  }

  /** With nothing typed, the last number comes back, to be looked at and called again. */
  async #submit() {
    if (!this.#isShown) return;
    const typed = this.field.value.trim();
    if (!typed) {
      this.prefill(this.#last);
      this.focus();
      return;
    }
    const callFrom = this.callFrom.value;
    const known = findWhom(typed, this.colleagues, this.#place);
    const told = known.isCertain ? null : await this.askWhom(typed, callFrom);
    // Meanwhile something else was typed, or somebody calls.
    if (this.field.value.trim() !== typed || !this.#isShown) return;
    const { to, name, refusal, cause } = told ?? known;
    this.#refuse(refusal, cause);
    if (refusal) return;
    this.#last = typed;
    this.handlers.call(to, callFrom, this.#names.get(to) ?? formatAddress(name));
  }

  /**
   * @param {string} words
   * @param {string} [cause]
   */
  #refuse(words, cause = "") {
    this.field.setAttribute("aria-invalid", String(words !== ""));
    this.handlers.refuse(words, cause);
  }
}
