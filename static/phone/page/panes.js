// @ts-check
/**
 * What lies beside the phone: htmx swaps it, and this says what htmx does not.
 *
 * Once a pane is there, with the page or swapped in, `#pane` is sent a bubbling `pane-shown`: whatever a pane
 * needs beyond its markup is begun then. A click on anything with `data-call-back` calls whom that names, and
 * shows them the number in `data-call-from`; one on anything with `data-echo` begins an echo test.
 *
 * @typedef {object} PanesHandlers
 * @property {(address: string, callFrom: string) => string} callBack Why they are not called; empty where they are.
 * @property {() => string} hearEcho Why there is no echo test now; empty where there is.
 * @property {(unseen: number) => void} counted All that the links count together.
 * @property {(url: string) => boolean} leave Takes the whole page elsewhere; false where a call keeps it, until that
 *   is over.
 * @property {Promise<void>} htmx Kept once htmx is here.
 */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";
import { nameDeed, readTold, tell } from "../../told.js";
import { readFragment } from "../../trusted.js";

const AWAY = gettext("That could not be opened: Dog n Bone’s server does not answer. The phone goes on. Try again in a moment.");
const BROKEN = gettext("That could not be opened: something broke on our side. The phone goes on. Try again in a moment.");
const OLD = gettext("That was refused, because this page has been open for long. Reload it once you are not in a call.");
const GONE = gettext("That is not there any more.");
const AFTER_THE_CALL = gettext("That takes this page elsewhere, which would end your call. It opens once the call is over.");

export class Panes {
  #place = part("pane");
  #back = /** @type {HTMLAnchorElement} */ (part("pane-back"));
  /** What back or forward has last asked for. @type {XMLHttpRequest | null} */
  #coming = null;
  /** What was last asked for, to be put in the pane's place. @type {XMLHttpRequest | null} */
  #newest = null;

  /** @param {PanesHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    const hear = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) => {
      document.addEventListener(name, (event) => act(event));
    };
    hear("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, nameDeed()));
    hear("htmx:beforeRequest", ({ detail }) => isAsked(detail) && this.#refuse(""));
    hear("htmx:beforeRequest", ({ detail }) => {
      if (detail.target === this.#place) this.#newest = detail.xhr;
    });
    hear("htmx:beforeOnLoad", (event) => this.#redirected(event));
    hear("htmx:beforeOnLoad", (event) => {
      // Its place is gone, as is that of a list under a pane that was left: nothing is to be put there.
      if (event.detail.target?.isConnected === false) event.preventDefault();
    });
    hear("htmx:beforeSwap", ({ detail }) => {
      this.#weigh(detail);
      if (detail.shouldSwap) detail.serverResponse = readFragment(detail.xhr);
    });
    hear("htmx:afterSwap", ({ detail }) => detail.target === this.#place && this.#shown());
    for (const failure of ["htmx:sendError", "htmx:timeout"]) {
      hear(failure, ({ detail }) => isAsked(detail) && this.#refuse(AWAY));
    }
    hear("htmx:responseError", ({ detail }) => isAsked(detail) && this.#refuse(wordsOf(detail.xhr)));
    hear("htmx:historyCacheMiss", ({ detail }) => this.#comesNext(detail.xhr));
    hear("htmx:historyCacheMissLoad", ({ detail }) => {
      this.#cameBack(detail.xhr);
      detail.response = readFragment(detail.xhr);
    });
    hear("htmx:historyCacheMissLoadError", ({ detail }) => this.#refuse(wordsOf(detail.xhr)));
    hear("htmx:historyRestore", () => this.#shown());
    document.addEventListener("click", (event) => this.#clicked(event));
    // At once, whether or not the server answers.
    this.#back.addEventListener("click", () => this.showPhone());
    this.#place.dispatchEvent(new CustomEvent("pane-shown", { bubbles: true }));
    this.#tellCounted();
  }

  /**
   * Figures beside the links, as the server pushes them.
   * @param {Record<string, unknown>} counts
   */
  showCounts(counts) {
    for (const link of this.#links) {
      const { label = "", counted = "", unit = "" } = link.dataset;
      const count = counts[counted];
      if (typeof count !== "number") continue;
      const figure = part("count", link);
      figure.dataset.count = String(count);
      figure.hidden = count === 0;
      if (count) link.setAttribute("aria-label", nameOf(label, count, unit));
      else link.removeAttribute("aria-label");
    }
    this.#tellCounted();
  }

  /** In a small window a pane lies over the phone; whoever goes back, or calls, wants the phone. */
  showPhone() {
    this.#layOver(false);
  }

  #layOver(isOver = location.pathname !== this.#back.pathname) {
    part("phone").classList.toggle("is-over", isOver);
  }

  #tellCounted() {
    let unseen = 0;
    for (const link of this.#links) if (link.dataset.counted) unseen += Number(part("count", link).dataset.count ?? 0);
    this.handlers.counted(unseen);
  }

  /** @returns {NodeListOf<HTMLElement>} */
  get #links() {
    return document.querySelectorAll(".panes [data-link]");
  }

  /**
   * Takes a pane whatever its status; what is none is no part of this page.
   * @param {{xhr: XMLHttpRequest, target: Element, shouldSwap: boolean, isError: boolean}} detail
   */
  #weigh(detail) {
    const { xhr, target } = detail;
    this.#takeCounts(xhr);
    tellToasts(xhr);
    if (target !== this.#place) return;
    if (this.#newest && xhr !== this.#newest) {
      // Of two links clicked in haste, the answer that comes last need not be the second's.
      detail.shouldSwap = detail.isError = false;
      return;
    }
    const isPane = xhr.getResponseHeader("X-Pane") !== null;
    detail.shouldSwap = isPane;
    detail.isError = !isPane && xhr.status >= 400;
    if (!detail.isError && !isPane && xhr.status !== 204) this.#leave(xhr.responseURL);
  }

  /** @param {CustomEvent<{xhr: XMLHttpRequest, elt: Element}>} event htmx itself would go there at once. */
  #redirected(event) {
    const elsewhere = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (!elsewhere) return;
    event.preventDefault();
    this.#leave(elsewhere, isAsked(event.detail));
  }

  /**
   * @param {string} url
   * @param {boolean} [isAsked] What the page asks by itself is nothing to explain.
   */
  #leave(url, isAsked = true) {
    if (!this.handlers.leave(url) && isAsked) this.sayLater();
  }

  /** @param {XMLHttpRequest} xhr */
  #takeCounts(xhr) {
    const counts = xhr.getResponseHeader("X-Counts");
    if (counts) this.showCounts(JSON.parse(counts));
  }

  /**
   * Has htmx put `part` of the page at `url` in the place of the one that is shown, in silence.
   * @param {string} url
   * @param {string} part
   * @returns {Promise<void>}
   */
  async renew(url, part) {
    await this.handlers.htmx;
    const { htmx } = /** @type {any} */ (globalThis);
    await htmx.ajax("GET", url, { source: document.body, target: part, select: part, swap: "outerHTML" });
  }

  /** @param {XMLHttpRequest} xhr Back and forward in haste: the answer that comes last need not be the newest. */
  #comesNext(xhr) {
    this.#coming?.abort();
    this.#coming = xhr;
  }

  /** @param {XMLHttpRequest} xhr Back or forward: htmx itself looks at nothing but the text. */
  #cameBack(xhr) {
    tellToasts(xhr);
    const elsewhere = xhr.getResponseHeader("HX-Redirect");
    if (elsewhere) this.#leave(elsewhere);
    else if (xhr.getResponseHeader("X-Pane") === null) this.#leave(location.href);
  }

  #shown() {
    const pane = this.#place.querySelector("[data-pane]");
    if (!(pane instanceof HTMLElement)) return;
    // Where whatever has the title for a while, as a call that rings does, finds it again.
    document.title = part("phone").dataset.title = pane.dataset.title ?? document.title;
    for (const link of this.#links) {
      if (link.dataset.link === pane.dataset.pane) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.#layOver();
    document.querySelector(".panes [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const heading = pane.querySelector("h1, h2");
    if (heading instanceof HTMLElement) {
      heading.tabIndex = -1;
      heading.focus();
    }
    this.#place.dispatchEvent(new CustomEvent("pane-shown", { bubbles: true }));
  }

  /** What was asked for would end a call. */
  sayLater() {
    this.say(AFTER_THE_CALL);
  }

  /** @param {string} words What stands after what was asked for; empty takes it back. */
  #refuse(words) {
    this.say(words);
  }

  /** @param {string} sentence Empty takes back what was said. */
  say(sentence) {
    setText("pane-fault-words", sentence);
    part("pane-fault").hidden = !sentence;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const whom = target?.closest("[data-call-back], [data-echo]");
    if (!(whom instanceof HTMLElement)) return;
    const { callBack, callFrom = "" } = whom.dataset;
    const isOver = part("phone").classList.contains("is-over");
    // It is the phone's field that says whether there is a call.
    this.showPhone();
    const why = callBack === undefined ? this.handlers.hearEcho() : this.handlers.callBack(callBack, callFrom);
    this.say(why);
    if (why) this.#layOver(isOver);
  }
}

/** @param {XMLHttpRequest} xhr */
function tellToasts(xhr) {
  tell(readTold((header) => xhr.getResponseHeader(header)));
}

/** @param {{elt: Element}} detail Whether somebody asked, rather than the page itself. */
function isAsked({ elt }) {
  return elt !== document.body;
}

/**
 * @param {string} label
 * @param {number} count
 * @param {string} unit
 */
export function nameOf(label, count, unit) {
  return `${label}, ${count} ${unit}`;
}

/** @param {{status: number}} answer */
export function wordsOf({ status }) {
  if (status === 404) return GONE;
  if (status === 403) return OLD;
  return status === 0 || status === 502 || status === 503 || status === 504 ? AWAY : BROKEN;
}
