// @ts-check
/** Switches that are kept as soon as they are turned. Without this script they have a button. */

import { gettext } from "../texts.js";
import { nameDeed, readTold, tell } from "../told.js";
import { readPage } from "../trusted.js";

const PATIENCE_MS = 20_000;
const NOT_KEPT = gettext("This could not be kept. Try again.");

/**
 * What is under way in a section: what was turned last, whose answer alone counts, since each waits for the one
 * before; and by the id of each switch that waits, what is kept of it.
 *
 * @typedef {{last: Turn, done: Promise<void>, kept: Map<string, boolean>}} UnderWay
 * @typedef {{id: string, isOn: boolean, url: string, body: FormData}} Turn
 */

/** @type {Map<string, UnderWay>} By the section's name. */
const sections = new Map();

document.addEventListener("change", (event) => {
  const field = event.target;
  const form = field instanceof HTMLInputElement ? field.closest("[data-switch-form]") : null;
  if (field instanceof HTMLInputElement && form instanceof HTMLFormElement) turned(field, form);
});

/**
 * @param {HTMLInputElement} field
 * @param {HTMLFormElement} form
 */
function turned(field, form) {
  const section = form.closest("[data-part]")?.getAttribute("data-part") ?? "";
  const turn = { id: field.id, isOn: field.checked, url: form.action, body: new FormData(form) };
  const underWay = sections.get(section) ?? { last: turn, done: Promise.resolve(), kept: new Map() };
  sections.set(section, underWay);
  if (!underWay.kept.has(turn.id)) underWay.kept.set(turn.id, !turn.isOn);
  underWay.last = turn;
  underWay.done = underWay.done.then(() => keep(turn, section, underWay));
}

/**
 * @param {Turn} turn
 * @param {string} section
 * @param {UnderWay} underWay
 */
async function keep(turn, section, underWay) {
  const page = await send(turn);
  if (page !== null) underWay.kept.set(turn.id, turn.isOn);
  if (underWay.last !== turn) return;
  sections.delete(section);
  if (page === null) showKept(underWay.kept, turn.id);
  else replace(section, page);
}

/**
 * @param {Turn} turn
 * @returns {Promise<Document | null>} The page with what is kept now; null where it is not kept.
 */
async function send({ url, body }) {
  try {
    const headers = { "HX-Request": "true", ...nameDeed() };
    const response = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok || response.redirected) return null;
    tell(readTold((header) => response.headers.get(header)));
    return await readPage(response);
  } catch {
    // A network that is away, or a server that does not answer.
    return null;
  }
}

/**
 * Each shows what is kept, not what was meant.
 * @param {Map<string, boolean>} kept
 * @param {string} refused The last one, which was not kept.
 */
function showKept(kept, refused) {
  for (const [id, isOn] of kept) {
    const field = document.getElementById(id);
    if (!(field instanceof HTMLInputElement) || (field.checked === isOn && id !== refused)) continue;
    field.checked = isOn;
    field.setAttribute("aria-invalid", "true");
    const help = document.getElementById(field.getAttribute("aria-describedby") ?? "");
    if (help) help.textContent = NOT_KEPT;
  }
}

/**
 * Takes over the section as it is now, with the focus where it was. It is looked for when the answer is there: what
 * was turned may have been swapped meanwhile.
 * @param {string} name
 * @param {Document} page
 */
function replace(name, page) {
  const part = `[data-part="${name}"]`;
  const section = document.querySelector(part);
  const fresh = page.querySelector(part);
  if (!section || !fresh) return;
  const focused = section.contains(document.activeElement) ? document.activeElement?.id : "";
  section.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
}
