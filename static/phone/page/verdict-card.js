// @ts-check
/** The card that says what is wrong, why, and the one thing to do. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { Situation } from "../device/registration.js"; */

/** @param {Situation} situation */
export function drawVerdict({ verdict, state }) {
  const card = part("verdict");
  card.hidden = !verdict;
  if (!verdict) {
    delete card.dataset.verdict;
    return;
  }
  card.dataset.verdict = verdict.code;
  card.classList.toggle("is-blame", verdict.blames_credentials);
  setText("verdict-title", verdict.title);
  setText("verdict-explanation", verdict.explanation);
  setText("verdict-remedy", verdict.remedy);
  const { code, status, message, request_id: id } = verdict.twilio ?? {};
  const said = [status && `HTTP ${status}`, code && `code ${code}`, message, id].filter(Boolean).join(" · ");
  // Without either it is a word of the page's own watchdog.
  setText("verdict-twilio-label", status || code ? gettext("Twilio said:") : gettext("What was seen:"));
  setText("verdict-twilio", said);
  part("verdict-twilio-line").hidden = !said;
  part("verdict-connect").hidden = !verdict.blames_credentials && verdict.code !== "not_connected";
  part("retry").hidden = state === "ready";
  part("dismiss").hidden = state !== "ready";
  const link = /** @type {HTMLAnchorElement} */ (part("verdict-link"));
  link.hidden = !verdict.link?.startsWith("https://");
  if (!link.hidden) {
    link.href = verdict.link ?? "";
    link.textContent = verdict.link_name || gettext("More at Twilio");
  }
}
