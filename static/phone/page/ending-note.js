// @ts-check
/** Why the last call is over, also while another rings or goes on: in words, with the one thing to do. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { Board } from "../calls/switchboard.js"; */

/** @param {Board} board */
export function drawEnding({ notice, ending }) {
  const note = part("ending");
  if (ending?.cause) note.dataset.cause = ending.cause;
  else delete note.dataset.cause;
  if (part("notice").textContent !== notice) close();
  setText("notice", notice);
  setText("notice-remedy", ending?.remedy ?? "");
  const link = /** @type {HTMLAnchorElement} */ (part("notice-link"));
  link.hidden = !ending?.link.startsWith("https://");
  if (!link.hidden) link.href = ending?.link ?? "";
  setText("notice-link", link.hidden ? "" : ending?.link_name || gettext("More at Twilio"));
  part("notice-more").onclick = turn;
  // Anew each time, and so told once it is laid out.
  watch.observe(note);
}

const watch = new ResizeObserver(measure);

/** In a low window many words have to be scrolled; then there is something to press that shows them all. */
function measure() {
  const note = part("ending");
  if (!isOpen()) part("notice-more").hidden = note.scrollHeight <= note.clientHeight + 1;
}

function isOpen() {
  return part("notice-more").getAttribute("aria-expanded") === "true";
}

function close() {
  part("notice-more").setAttribute("aria-expanded", "false");
}

function turn() {
  part("notice-more").setAttribute("aria-expanded", String(!isOpen()));
}
