// @ts-check
/**
 * The list of what the phone did, newest first. It is drawn only while somebody looks: the first time of day that a
 * browser writes costs it more than all else that the phone does before it is ready.
 */

import { part } from "./parts.js";
import { eventWords } from "./words.js";
import { gettext, interpolate, locale } from "../../texts.js";

/** @import { Report } from "../relay/device-events.js"; */

const LOG_LENGTH = 100;

export class Log {
  /** @type {{at: Date, report: Report}[]} Not drawn yet, oldest first. */
  #waiting = [];
  #list = part("log");
  #frame = /** @type {HTMLDetailsElement} */ (this.#list.closest("details"));

  constructor() {
    this.#frame.addEventListener("toggle", () => this.#draw());
  }

  /** @param {Report} report Something the phone did, just now. */
  add(report) {
    this.#waiting.push({ at: new Date(), report });
    if (this.#waiting.length > LOG_LENGTH) this.#waiting.shift();
    this.#draw();
  }

  #draw() {
    if (!this.#frame.open) return;
    for (const { at, report } of this.#waiting.splice(0)) this.#list.prepend(makeLine(at, report));
    while (this.#list.childElementCount > LOG_LENGTH) this.#list.lastElementChild?.remove();
  }
}

/**
 * @param {Date} at
 * @param {Report} report
 */
function makeLine(at, { state, sdk_event, code, message }) {
  const short = message?.replace(/\bCA[0-9a-f]{26}/g, "…");
  const time = document.createElement("time");
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleTimeString(locale);
  const name = document.createElement("b");
  name.textContent = eventWords[state] ?? state;
  const rest = document.createElement("span");
  rest.textContent = [sdk_event, code && interpolate(gettext("code %(code)s"), { code }), short].filter(Boolean).join(" · ");
  const line = document.createElement("li");
  line.append(time, name, rest);
  return line;
}
