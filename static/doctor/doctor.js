// @ts-check
/**
 * “Check now” without leaving the page: each finding appears as it arrives, and the good ones fold at the end.
 * Without this script, a page.
 */

import { readLines } from "./lines.js";
import { gettext } from "../texts.js";

/**
 * @typedef {object} Finding
 * @property {string} label
 * @property {"good" | "bad" | "cannot_tell"} outcome
 * @property {string} outcome_words
 * @property {string} words
 * @property {string} fix
 */

/** @type {WeakSet<HTMLElement>} */
const begun = new WeakSet();

// Beside the phone, the room comes when it is asked for.
document.addEventListener("pane-shown", look);
look();

function look() {
  const room = document.querySelector('[data-part="doctor"]');
  if (!(room instanceof HTMLElement) || begun.has(room)) return;
  begun.add(room);
  begin(room);
}

/** @param {HTMLElement} room */
function begin(room) {
  const form = /** @type {HTMLFormElement} */ (part("doctor-form", room));
  const list = part("findings", room);
  const good = /** @type {HTMLDetailsElement} */ (part("good", room));
  const goodList = part("good-findings", room);
  const goodSummary = part("good-summary", room);
  const sum = part("findings-sum", room);
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  let isUnderWay = false;
  let isWhole = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isUnderWay) void examine();
  });

  async function examine() {
    isUnderWay = true;
    isWhole = false;
    button.setAttribute("aria-busy", "true");
    for (const rows of [list, goodList]) rows.replaceChildren();
    list.hidden = good.hidden = true;
    goodSummary.textContent = gettext("Looking…");
    good.open = true;
    sum.textContent = "";
    showNext("");
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/x-ndjson" },
      });
      if (response.redirected) location.assign(response.url);
      else if (response.status === 429) await refuse(response);
      else if (response.ok && response.body) for await (const line of readLines(response.body)) show(line);
      else throw new TypeError(`HTTP ${response.status}`);
      if (!isWhole) throw new TypeError("The list broke off.");
    } catch (error) {
      // TypeError is what fetch throws for a lost network, SyntaxError a line that is not JSON.
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      sum.textContent = navigator.onLine
        ? gettext("Dog n Bone’s own server did not answer to the end. Try again in a moment.")
        : gettext("You are offline. Try again once this computer has its network back.");
      goodSummary.textContent = gettext("What was looked at before");
    } finally {
      isUnderWay = false;
      button.removeAttribute("aria-busy");
    }
  }

  /** @param {Response} response */
  async function refuse(response) {
    const { verdict } = await response.json();
    sum.textContent = `${verdict.title}. ${verdict.remedy}`;
    isWhole = true;
  }

  /** @param {Finding & {summary?: string, good?: string, next?: string}} line */
  function show(line) {
    if (line.summary) {
      fold(line.summary, line.good ?? "");
      showNext(line.next ?? "");
      return;
    }
    const template = /** @type {HTMLTemplateElement} */ (part(`finding-${line.outcome}`, room));
    const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    part("label", row).textContent = line.label;
    part("outcome", row).textContent = line.outcome_words;
    part("words", row).textContent = line.words;
    const fix = part("fix", row);
    fix.textContent = line.fix;
    fix.hidden = !line.fix;
    const rows = line.outcome === "good" ? goodList : list;
    rows.append(row);
    list.hidden = list.childElementCount === 0;
    good.hidden = goodList.childElementCount === 0;
  }

  /**
   * All is known: the good ones are one line, and where there are no others, that line says it all.
   * @param {string} summary
   * @param {string} goodWords
   */
  function fold(summary, goodWords) {
    isWhole = true;
    goodSummary.textContent = goodWords;
    good.open = false;
    sum.textContent = summary === goodWords ? "" : summary;
  }

  /** @param {string} words Of a link to this page anew; none for no link. */
  function showNext(words) {
    const next = part("findings-next", room);
    next.hidden = !words;
    if (next.firstElementChild) next.firstElementChild.textContent = words;
  }
}

/**
 * @param {string} name
 * @param {ParentNode} within
 */
function part(name, within) {
  return /** @type {HTMLElement} */ (within.querySelector(`[data-part="${name}"]`));
}
