// The list of failures by its keys: opens a row beside the list in place, and comes back to where one was.
// Without this every row's link opens the same by a page of its own address.

import { nameDeed } from "../told.js";
import { readPage } from "../trusted.js";

const PLACE = "admin-failures-place";
const WIDE = matchMedia("(min-width: 75rem)");

/** @type {AbortController | undefined} */
let loading;

/** @returns {HTMLAnchorElement[]} */
function listRows() {
  return [...document.querySelectorAll("#result_list .group")].flatMap((group) => group.closest("a") ?? []);
}

/**
 * Which row was open, how far the list was scrolled, and whether an action has just been sent from there.
 * @returns {{ index: number, scroll: number, isActing: boolean }}
 */
function recallPlace() {
  const kept = sessionStorage.getItem(PLACE);
  return kept ? JSON.parse(kept) : { index: 0, scroll: 0, isActing: false };
}

function keepPlace() {
  const index = listRows().findIndex((row) => row.querySelector(".is-opened"));
  const place = { index: index < 0 ? recallPlace().index : index, scroll: scrollY, isActing: true };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
}

/** @param {number} step */
function move(step) {
  const rows = listRows();
  const opened = rows.findIndex((row) => row.querySelector(".is-opened"));
  // Where the opened one has left the list, the next one is now in its place.
  const left = document.getElementById("beside") ? recallPlace().index - (step > 0 ? 1 : 0) : -1;
  const index = Math.min(Math.max((opened < 0 ? left : opened) + step, 0), rows.length - 1);
  const row = rows[index];
  if (row && index !== opened) void open(row);
}

/** @param {HTMLAnchorElement} row */
async function open(row) {
  if (!WIDE.matches) return location.assign(row.href);
  loading?.abort();
  const mine = (loading = new AbortController());
  mark(row);
  try {
    const answer = await fetch(row.href, { headers: nameDeed(), signal: mine.signal });
    if (!answer.ok || answer.redirected) return location.assign(row.href);
    const page = await readPage(answer);
    const fresh = page.getElementById("beside");
    if (!fresh) return location.assign(row.href);
    const old = document.getElementById("beside");
    if (old) old.replaceWith(fresh);
    else document.getElementById("changelist")?.append(fresh);
    history.replaceState(null, "", row.href);
  } catch {
    if (!mine.signal.aborted) location.assign(row.href);
  }
}

/** @param {HTMLAnchorElement} row */
function mark(row) {
  for (const one of document.querySelectorAll(".group.is-opened")) one.classList.remove("is-opened");
  row.querySelector(".group")?.classList.add("is-opened");
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** @param {string} key */
function press(key) {
  const found = document.querySelector(`#beside [data-key="${key}"]`);
  if (found instanceof HTMLButtonElement) found.click();
}

function showKeys() {
  const keys = document.getElementById("keys");
  if (keys instanceof HTMLDialogElement) keys.showModal();
}

/** @type {Record<string, () => void>} */
const ACTS = { j: () => move(1), k: () => move(-1), e: () => press("e"), r: () => press("r"), "?": showKeys };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target instanceof Element && target.closest("textarea, select, dialog, input:not([type=checkbox])")) return;
  const act = ACTS[event.key];
  if (!act || (event.repeat && !"jk".includes(event.key))) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("#result_list a:has(.group)") : null;
  if (!(row instanceof HTMLAnchorElement) || !WIDE.matches) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  void open(row);
});

document.addEventListener("submit", keepPlace);

for (const tool of document.querySelectorAll("[data-keys]")) {
  tool.removeAttribute("hidden");
  tool.addEventListener("click", showKeys);
}

const place = recallPlace();
if (place.isActing) {
  sessionStorage.setItem(PLACE, JSON.stringify({ ...place, isActing: false }));
  addEventListener("load", () => scrollTo(0, place.scroll), { once: true });
}
