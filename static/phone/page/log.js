// @ts-check
/** The list of what the phone did, newest first. */

import { part } from "./parts.js";
import { eventWords } from "./words.js";

/** @import { Report } from "../relay/device-events.js"; */

const LOG_LENGTH = 100;

/** @param {Report} report Something the phone did, just now. */
export function log({ state, sdk_event, code, message }) {
  const short = message?.replace(/\bCA[0-9a-f]{26}/g, "…");
  const words = [sdk_event, code && `code ${code}`, short].filter(Boolean).join(" · ");
  const list = part("log");
  list.prepend(makeLine(new Date(), eventWords[state] ?? state, words));
  if (list.childElementCount > LOG_LENGTH) list.lastElementChild?.remove();
}

/**
 * @param {Date} at
 * @param {string} state
 * @param {string} words
 */
function makeLine(at, state, words) {
  const time = document.createElement("time");
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleTimeString();
  const name = document.createElement("b");
  name.textContent = state;
  const rest = document.createElement("span");
  rest.textContent = words;
  const line = document.createElement("li");
  line.append(time, name, rest);
  return line;
}
