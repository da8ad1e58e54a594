// @ts-check
/** The link in a call by which its number is added to the contacts, beside the phone: the call goes on. */

import { isNumber } from "../calls/dialling/showing.js";
import { gettext } from "../../texts.js";

/**
 * Draws it into `place`, whose `data-new-contact` is the address of the form.
 * @param {HTMLElement} place
 * @param {{name: string, address: string}} call
 */
export function drawContactLink(place, call) {
  const number = strangerOf(call);
  if ((place.dataset.number ?? "") === number) return;
  place.dataset.number = number;
  place.replaceChildren();
  if (!number) return;
  const link = document.createElement("a");
  link.href = `${place.dataset.newContact ?? ""}?number=${encodeURIComponent(number)}`;
  link.textContent = gettext("Add to contacts");
  for (const [name, value] of Object.entries({ boost: "true", target: "#pane", swap: "innerHTML show:none" })) {
    link.setAttribute(`hx-${name}`, value);
  }
  place.append(link);
  // What comes into the page without htmx it has to be told of.
  /** @type {any} */ (globalThis).htmx?.process(place);
}

/**
 * The number of somebody who has no name yet; empty for everybody else.
 * @param {{name: string, address: string}} call
 */
export function strangerOf({ name, address }) {
  const [number = ""] = address.split(",");
  return number.startsWith("+") && (name === "" || isNumber(name)) ? number : "";
}
