// @ts-check
/**
 * “Test the connection” in the settings: its button, and a line for each thing that is looked at. The test goes on
 * when the pane is left, and is there again when it is opened anew.
 *
 * @typedef {object} ConnectionPaneHandlers
 * @property {() => void} start
 * @property {() => void} stop
 *
 * @typedef {"good" | "bad" | "unknown"} Result
 *
 * @typedef {object} ReadLine A line as people read it.
 * @property {string} check
 * @property {string} finding
 * @property {Result} result
 * @property {string} name
 * @property {string} words
 * @property {string} remedy
 * @property {number} [value]
 *
 * @typedef {Record<string, {name: string, findings: Record<string, {result: Result, words: string, remedy: string}>}>}
 *   ConnectionWords The server's, by check and finding.
 */

import { gettext, interpolate, language } from "../../texts.js";

/** @import { Test } from "../calls/connection-test.js"; */
/** @import { Line } from "../device/test-findings.js"; */

const RESULTS = { good: gettext("Good"), bad: gettext("Bad"), unknown: gettext("Not known") };
const RUNNING = gettext("Testing…");

export class ConnectionPane {
  /** @type {ConnectionWords} */
  #words = {};
  /** @type {Test | null} */
  #test = null;

  /** @param {ConnectionPaneHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    document.addEventListener("pane-shown", () => this.#begin());
    this.#begin();
  }

  /** @param {Test} test */
  show(test) {
    this.#test = test;
    this.#draw();
  }

  /**
   * @param {Test} test
   * @returns {ReadLine[]}
   */
  read({ lines }) {
    return readLines(lines, this.#words);
  }

  get #place() {
    const place = document.querySelector("#pane [data-connection]");
    return place instanceof HTMLElement ? place : null;
  }

  #begin() {
    const place = this.#place;
    if (!place || place.dataset.isFollowed !== undefined) return;
    place.dataset.isFollowed = "";
    // Not in a script element: htmx lets none of them in.
    this.#words = JSON.parse(place.dataset.connection ?? "{}");
    const start = find("start", place);
    start.addEventListener("click", () => start.getAttribute("aria-disabled") !== "true" && this.handlers.start());
    find("stop", place).addEventListener("click", () => {
      this.handlers.stop();
      // It goes, and takes the focus along.
      start.focus();
    });
    this.#draw();
  }

  #draw() {
    const [place, test] = [this.#place, this.#test];
    if (!place || !test) return;
    const start = find("start", place);
    // Not `disabled`, which would throw whoever goes by keyboard to the top.
    start.setAttribute("aria-disabled", String(test.isRunning));
    start.setAttribute("aria-busy", String(test.isRunning));
    find("stop", place).hidden = !test.isRunning;
    const lines = this.read(test);
    drawLines(place, lines);
    const sum = test.isRunning ? RUNNING : wordsOfSum(lines);
    const status = find("sum", place);
    if (status.textContent !== sum) status.textContent = sum;
  }
}

/**
 * @param {Line[]} lines
 * @param {ConnectionWords} words
 * @returns {ReadLine[]}
 */
export function readLines(lines, words) {
  return lines.flatMap(({ check, finding, value }) => {
    const { name = check, findings } = words[check] ?? {};
    const found = findings?.[finding];
    if (!found) return [];
    const said = found.words.replace("{value}", value === undefined ? "?" : writeFigure(value));
    return [{ check, finding, name, result: found.result, words: said, remedy: found.remedy, value }];
  });
}

/** @param {ReadLine[]} lines */
export function wordsOfSum(lines) {
  const namesOf = (/** @type {Result} */ wanted) => lines.filter(({ result }) => result === wanted).map(({ name }) => name);
  const [bad, unknown] = [namesOf("bad"), namesOf("unknown")];
  if (bad.length > 0) return interpolate(gettext("Not good: %(checks)s. Below is what to do."), { checks: bad.join(", ") });
  if (unknown.length > 0) return interpolate(gettext("Nothing bad was found. Not known: %(checks)s."), { checks: unknown.join(", ") });
  return gettext("All is good.");
}

/**
 * @param {HTMLElement} place
 * @param {ReadLine[]} lines
 */
function drawLines(place, lines) {
  const list = find("lines", place);
  list.hidden = lines.length === 0;
  const template = /** @type {HTMLTemplateElement} */ (find("line", place));
  const items = lines.map((line) => {
    const known = list.querySelector(`[data-check="${line.check}"]`);
    const item = /** @type {HTMLElement} */ (known ?? template.content.firstElementChild?.cloneNode(true));
    item.dataset.check = line.check;
    item.dataset.result = item.dataset.outcome = line.result;
    fill(item, "name", line.name);
    fill(item, "result", RESULTS[line.result]);
    fill(item, "words", line.words);
    fill(item, "remedy", line.remedy);
    return item;
  });
  list.replaceChildren(...items);
}

/** @param {number} value */
function writeFigure(value) {
  // The first of its kind takes a browser longer than all of the page's script: not while the phone starts.
  return new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 3 }).format(value);
}

/**
 * @param {HTMLElement} item
 * @param {string} name
 * @param {string} text
 */
function fill(item, name, text) {
  const element = item.querySelector(`[data-line-part="${name}"]`);
  if (!(element instanceof HTMLElement)) throw new Error(`A line of the test has no part “${name}”.`);
  element.textContent = text;
  element.hidden = text === "";
}

/**
 * @param {string} name
 * @param {ParentNode} place
 * @returns {HTMLElement}
 */
function find(name, place) {
  const element = place.querySelector(`[data-connection-part="${name}"]`);
  if (!(element instanceof HTMLElement)) throw new Error(`The connection's settings have no part “${name}”.`);
  return element;
}
