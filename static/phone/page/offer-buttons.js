// @ts-check
/** Buttons for what one can do in a call: their names, whether they can be pressed, and beneath them why not. */

import { part, setText } from "./parts.js";
import { listed } from "../../texts.js";

/** @import { Offer } from "../calls/offers.js"; */

/**
 * @param {HTMLButtonElement} button
 * @param {Offer} offer
 */
export function drawOffer(button, { label, isShown, isDisabled, isBusy }) {
  if (button.hidden === isShown) button.hidden = !isShown;
  // A button that is switched off loses the focus: whoever has just pressed it would be thrown to the top.
  const isHeld = isDisabled && button === document.activeElement;
  const isSwitchedOff = isDisabled && !isHeld;
  if (button.disabled !== isSwitchedOff) button.disabled = isSwitchedOff;
  setAttribute(button, "aria-disabled", isHeld ? "true" : "");
  setAttribute(button, "aria-busy", isBusy ? "true" : "");
  const name = button.querySelector("span") ?? button;
  if (name.textContent !== label) name.textContent = label;
}

/**
 * @param {HTMLElement} button
 * @returns {boolean} It has the focus still, and does nothing just now.
 */
export function isOff(button) {
  return button.getAttribute("aria-disabled") === "true";
}

/**
 * Each reason once, with the buttons that it is about.
 * @param {HTMLElement} within
 * @param {Record<string, Offer>} offers
 */
export function drawReasons(within, offers) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const { label, isShown, why } of Object.values(offers)) {
    if (isShown && why && !reasons.get(why)?.includes(label)) reasons.set(why, [...(reasons.get(why) ?? []), label]);
  }
  const words = [...reasons].map(([why, labels]) => `${listed(labels)}: ${why}`);
  setText("why", words.join("\n"), within);
  const element = part("why", within);
  element.hidden = words.length === 0;
  element.id ||= `why-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  for (const [name, { isShown, why }] of Object.entries(offers)) {
    const button = within.querySelector(`button[data-part="${name}"]`);
    if (button) setAttribute(button, "aria-describedby", isShown && why ? element.id : "");
  }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value Empty for none.
 */
function setAttribute(element, name, value) {
  if (value && element.getAttribute(name) !== value) element.setAttribute(name, value);
  else if (!value && element.hasAttribute(name)) element.removeAttribute(name);
}
