// @ts-check
/**
 * What happens to the page as a whole: it loses its network or gets it back, sleeps, is frozen, is left, comes back.
 * Each is told as what it was.
 *
 * https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 *
 * @typedef {object} Happening
 * @property {string} name For the audit trail.
 * @property {string} words
 */

import { watchSleep } from "./wake.js";

const JUST_NOW_MS = 10_000;
/** By then what was sent from here has led elsewhere, or never does. */
const LED_WITHIN_MS = 5_000;

export class PageLife {
  /** On its way out: what still happens is the leaving's doing, and no news. */
  isLeaving = false;
  /** The page's own policy has stopped a connection. */
  isBlockedByPolicy = false;
  /** Where the page goes once no call is talked on. */
  #wanted = "";
  #network = networkOf();
  /** @type {number | null} When the network went away. */
  #offlineSince = null;
  /** @type {number | null} When the browser froze the page; null where that was not heeded. */
  #frozenSince = null;
  /** When the browser itself sent a form, such as for signing out, whose answer is another page. */
  #sentAt = -Infinity;
  /** When it last came back: whatever is late then is no sleep. */
  #backAt = -Infinity;

  /**
   * @param {object} handlers
   * @param {() => boolean} handlers.isInCall Whoever leaves then is asked first; the page itself waits.
   * @param {(why: Happening) => void} handlers.startOver What was connected is not to be trusted any more.
   * @param {() => void} handlers.wentOffline
   * @param {(why: Happening) => void} handlers.leaving The last that is heard before the page is gone, or put aside.
   * @param {() => void} [handlers.putAside] Right after that, where it may come back.
   * @param {(why: Happening) => void} [handlers.cameBack] It was put aside, and is there again.
   */
  constructor({ isInCall, startOver, wentOffline, leaving, putAside = () => {}, cameBack = startOver }) {
    this.isInCall = isInCall;
    this.startOver = startOver;
    addEventListener("online", () => this.#online());
    addEventListener("offline", () => {
      this.#offlineSince ??= Date.now();
      wentOffline();
    });
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      if (effectiveDirective === "connect-src") this.isBlockedByPolicy = true;
    });
    addEventListener("beforeunload", (event) => {
      if (isInCall() && !this.isLeaving) event.preventDefault();
    });
    // Last of all: what a module or htmx sends is prevented by now.
    addEventListener("submit", ({ defaultPrevented, target }) => {
      if (!defaultPrevented && /** @type {HTMLFormElement} */ (target).method !== "dialog") this.#sentAt = Date.now();
    });
    addEventListener("pagehide", ({ persisted }) => {
      leaving({ name: "destroyed", words: "The page was left." });
      this.isLeaving = true;
      if (persisted) putAside();
    });
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.#isBack();
      cameBack({ name: "pageshow", words: "The page came back from the back/forward cache." });
    });
    this.#watchFreezing({ leaving, putAside, cameBack });
    watchSleep((seconds) => this.#woke(seconds));
    connectionOf()?.addEventListener?.("change", () => this.#networkChanged());
  }

  /**
   * A frozen page can ring for nobody, and keeps what another tab may need. In a call none is frozen.
   * @param {{leaving: (why: Happening) => void, putAside: () => void, cameBack: (why: Happening) => void}} handlers
   */
  #watchFreezing({ leaving, putAside, cameBack }) {
    document.addEventListener("freeze", () => {
      if (this.isInCall() || this.isLeaving) return;
      this.#frozenSince = Date.now();
      leaving({ name: "freeze", words: "The browser froze the page." });
      this.isLeaving = true;
      putAside();
    });
    document.addEventListener("resume", () => {
      if (this.#frozenSince === null) return;
      const seconds = secondsSince(this.#frozenSince);
      this.#frozenSince = null;
      this.#isBack();
      cameBack({ name: "resume", words: `The browser had frozen the page for ${seconds} s.` });
    });
  }

  #isBack() {
    this.isLeaving = false;
    this.#backAt = Date.now();
  }

  /** @param {number} seconds */
  #woke(seconds) {
    if (Date.now() - this.#backAt < JUST_NOW_MS) return;
    this.startOver({ name: "woke", words: `The machine slept for ${seconds} s.` });
  }

  #online() {
    const { startOver } = this;
    const since = this.#offlineSince;
    this.#offlineSince = null;
    this.#network = networkOf();
    const lasted = since === null ? "" : `, after ${secondsSince(since)} s`;
    startOver({ name: "online", words: `The network is back${lasted}.` });
  }

  /** From one kind to another, as a phone's from the house's to the street's: not each guess of its speed. */
  #networkChanged() {
    const [before, now] = [this.#network, networkOf()];
    this.#network = now;
    if (!before || !now || before === now || now === "none" || before === "none") return;
    this.startOver({ name: "network-changed", words: `The network changed from ${before} to ${now}.` });
  }

  /**
   * Goes to another page; during a call, which that would end, only after it. Where the browser is being led to
   * another already, that comes first: going elsewhere would cut off what was sent.
   * @param {string} address
   * @returns {boolean} Whether it goes, and waits for no call.
   */
  leaveTo(address) {
    if (this.isInCall()) {
      this.#wanted = address;
      return false;
    }
    const ledFor = this.#sentAt + LED_WITHIN_MS - Date.now();
    if (ledFor > 0) {
      setTimeout(() => this.leaveTo(address), ledFor);
      return true;
    }
    this.#wanted = "";
    this.isLeaving = true;
    location.assign(address);
    return true;
  }

  /** A call has changed. */
  callsChanged() {
    if (this.#wanted && !this.isLeaving && !this.isInCall()) this.leaveTo(this.#wanted);
  }
}

/** @returns {(EventTarget & {type?: string}) | undefined} Not every browser tells. */
function connectionOf() {
  return Reflect.get(globalThis.navigator ?? {}, "connection");
}

function networkOf() {
  return connectionOf()?.type ?? "";
}

/** @param {number} since */
function secondsSince(since) {
  return Math.max(0, Math.round((Date.now() - since) / 1000));
}

/** Whether the page's own policy, or that of a page around it, has no microphone for it: then nobody is asked. */
export function isForbidden() {
  const { featurePolicy } = /** @type {any} */ (document);
  return featurePolicy?.allowsFeature?.("microphone") === false;
}
