// @ts-check
/**
 * Says what was just done, in one place of every page, once, for as long as it takes to read it; what can be undone
 * has its button there. It comes with the page (`templates/toasts.html`), or as the event `toasts` of the document,
 * whose detail is the list that `accounts/toasts.py` puts into its header (`told.js`).
 */

/** @import { Toast } from "./told.js"; */

export {};

const TICK_MS = 500;
/** From when it is said: somebody has to notice it first, and reads twenty characters a second at most. */
const NOTICED_MS = 5_000;
const CHARACTER_MS = 60;
/** Whoever has second thoughts gets to the button by keyboard, too. */
const UNDONE_MS = 30_000;
const AT_MOST = 3;

const place = document.querySelector("[data-toasts]");

/** How long each may still be read. @type {Map<HTMLElement, number>} */
const left = new Map();
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

/** @param {HTMLElement} toast */
function show(toast) {
  if (!place) return;
  const close = toast.querySelector("[data-toast-close]");
  close?.removeAttribute("hidden");
  close?.addEventListener("click", () => take(toast));
  const words = toast.querySelector("[data-toast-words]")?.textContent ?? "";
  const isToUndo = toast.querySelector("[data-toast-deed]") !== null;
  // What went wrong is there until somebody has taken it away.
  const isToStay = toast.classList.contains("note-bad");
  left.set(toast, isToStay ? Infinity : isToUndo ? UNDONE_MS : NOTICED_MS + words.length * CHARACTER_MS);
  place.append(toast);
  /** @type {any} */ (globalThis).htmx?.process(toast);
  // What can be undone has its time, however much is said meanwhile.
  const passing = [...left.keys()].filter((one) => !one.querySelector("[data-toast-deed]"));
  for (const old of passing.slice(0, -AT_MOST)) if (!old.contains(document.activeElement)) take(old);
  clock ??= setInterval(tick, TICK_MS);
}

/** @param {HTMLElement} toast */
function take(toast) {
  left.delete(toast);
  toast.remove();
}

function tick() {
  for (const [toast, ms] of left) {
    if (!isBeingRead(toast)) continue;
    if (ms <= TICK_MS) take(toast);
    else left.set(toast, ms - TICK_MS);
  }
  if (left.size > 0) return;
  clearInterval(clock);
  clock = undefined;
}

/** Whether its time goes on: it is in sight, and nobody is at it. @param {HTMLElement} toast */
function isBeingRead(toast) {
  if (document.hidden || toast.matches(":hover, :focus-within") || document.querySelector("dialog[open]")) return false;
  const { top, bottom } = toast.getBoundingClientRect();
  return toast.checkVisibility() && top >= 0 && bottom <= innerHeight;
}

/** @param {Toast} toast */
function build({ words, is_bad: isBad = false, deeds = [] }) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector("[data-toast-template]"));
  const toast = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  /** @type {HTMLElement} */ (toast.querySelector("[data-toast-words]")).textContent = words;
  toast.classList.toggle("note-bad", isBad);
  const form = /** @type {HTMLFormElement} */ (toast.querySelector("[data-toast-deed]"));
  for (const { label, url } of deeds) {
    const own = /** @type {HTMLFormElement} */ (form.cloneNode(true));
    own.action = url;
    /** @type {HTMLElement} */ (own.querySelector("button")).textContent = label;
    form.before(own);
  }
  form.remove();
  return toast;
}

document.addEventListener("toasts", (event) => {
  for (const toast of /** @type {CustomEvent<Toast[]>} */ (event).detail) show(build(toast));
});

// What was undone is done with; what could not be asked for may be asked for again.
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, elt } = /** @type {CustomEvent} */ (event).detail;
  const toast = elt.closest("[data-toast]");
  if (successful && toast instanceof HTMLElement) take(toast);
});

for (const toast of document.querySelectorAll("[data-told-first] [data-toast]")) {
  if (toast instanceof HTMLElement) show(toast);
}
