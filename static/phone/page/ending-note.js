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
  setText("notice", notice);
  setText("notice-remedy", ending?.remedy ?? "");
  const link = /** @type {HTMLAnchorElement} */ (part("notice-link"));
  link.hidden = !ending?.link.startsWith("https://");
  if (!link.hidden) link.href = ending?.link ?? "";
  setText("notice-link", link.hidden ? "" : ending?.link_name || gettext("More at Twilio"));
  // Anew each time, and so told once it is laid out.
  watch.observe(note);
}

const watch = new ResizeObserver(letScroll);

/** In a low window the last of many words are scrolled to, by the keyboard as well. */
function letScroll() {
  const note = part("ending");
  if (note.scrollHeight > note.clientHeight + 1) note.tabIndex = 0;
  else note.removeAttribute("tabindex");
}
