// @ts-check
/**
 * htmx, which comes once the phone is ready or has had its time. What is pressed before it is here is kept, and
 * pressed once more then: the page is not to be loaded anew for it. Where it does not come, the browser itself goes
 * where was pressed, but not out of a call.
 */

import { scriptAddress } from "../../trusted.js";

/** So long somebody waits for what they have pressed. */
const WAITED_MS = 4_000;
/** How soon after a call it goes on. */
const CALL_LOOKED_AT_MS = 1_000;

/** What htmx would take, which is not here yet. */
const BOOSTED = '[hx-boost="true"]';

/** @returns {boolean} */
function isHere() {
  return Reflect.has(globalThis, "htmx");
}

/** @param {Event} event */
function isBoosted({ target }) {
  return target instanceof Element && target.closest("[hx-boost]")?.matches(BOOSTED) === true;
}

/**
 * @typedef {object} HtmxHandlers
 * @property {() => boolean} isBusy Whether a call is talked on, or rings, which leaving the page would end.
 * @property {() => void} waits What was pressed opens once the call is over.
 */

export class Htmx {
  /** Kept once it is here. @type {Promise<void>} */
  here;
  #tellHere = () => {};
  #address = "";
  #isComing = false;
  /** What is sent goes before where somebody went after it. @type {Map<HTMLFormElement, () => void>} */
  #sent = new Map();
  /** @type {(() => void) | null} */
  #opened = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** The browser itself takes what is being pressed. */
  #isLetThrough = false;

  /** @param {HtmxHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.here = new Promise((resolve) => (this.#tellHere = resolve));
    document.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    document.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
  }

  /** @param {string} address */
  fetch(address) {
    this.#address = address;
    this.#isComing = true;
    // Where the page is read and not complete, htmx would wait for ever for it to be read.
    if (document.readyState === "complete") this.#load();
    else addEventListener("load", () => this.#load(), { once: true });
  }

  #load() {
    this.#isComing = true;
    const script = document.createElement("script");
    script.src = scriptAddress(this.#address);
    script.addEventListener("load", () => {
      this.#pressAgain();
      this.#tellHere();
    });
    script.addEventListener("error", () => {
      this.#isComing = false;
      this.#goWithout();
    });
    document.head.append(script);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isOurs = link?.origin === location.origin && !link.target && !link.download && !link.hash;
    if (link && isOurs && isPlain) this.#keep(event, () => (this.#opened = () => link.click()));
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    const { target: form, submitter } = event;
    if (!(form instanceof HTMLFormElement)) return;
    this.#keep(event, () => this.#sent.set(form, () => form.requestSubmit(submitter)));
  }

  /**
   * @param {Event} event
   * @param {() => void} keep
   */
  #keep(event, keep) {
    if (isHere() || this.#isLetThrough || !isBoosted(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keep();
    this.#patience ??= setTimeout(() => this.#goWithout(), WAITED_MS);
    // It has failed to come once; the network may be back.
    if (this.#address && !this.#isComing) this.#load();
  }

  /** @returns {(() => void)[]} What was pressed, in the order in which it is to be; nothing is kept any more. */
  #take() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    const pressed = [...this.#sent.values(), ...(this.#opened ? [this.#opened] : [])];
    this.#sent.clear();
    this.#opened = null;
    return pressed;
  }

  #pressAgain() {
    for (const press of this.#take()) press();
  }

  /** A browser goes to one place only: what was sent first goes. @param {boolean} [isTold] That it waits for a call. */
  #goWithout(isTold = false) {
    if (isHere() || (this.#sent.size === 0 && !this.#opened)) return;
    if (this.handlers.isBusy()) {
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => this.#goWithout(true), CALL_LOOKED_AT_MS);
      if (!isTold) this.handlers.waits();
      return;
    }
    const [press] = this.#take();
    this.#isLetThrough = true;
    press?.();
    this.#isLetThrough = false;
  }
}
