// @ts-check
/** Finding and filling the page's parts. */

import { formatAddress, isNumber } from "../calls/dialling/showing.js";

/** @typedef {{name: string, address: string, called: string, calledName: string}} Who */

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} name
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function part(name, within = document) {
  const element = within.querySelector(`[data-part="${name}"]`);
  if (!element) throw new Error(`The page has no part “${name}”.`);
  return /** @type {T} */ (element);
}

/**
 * Changes a text only if it is another one: a live region would say the same again.
 * @param {string} name
 * @param {string} text
 * @param {ParentNode} [within]
 */
export function setText(name, text, within = document) {
  const element = part(name, within);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Who} call */
export function faceOf({ name, address }) {
  if (!address) return "?";
  return isNumber(name) ? "#" : name.slice(0, 1).toUpperCase();
}

/**
 * Which of our numbers was called; empty where none was.
 * @param {Who} call
 */
export function calledOf({ called, calledName }) {
  // Between its groups no line ends.
  const number = formatAddress(called).replaceAll(" ", "\u00a0");
  return calledName ? `${calledName} · ${number}` : number;
}

/**
 * What to show beneath the name: the number, unless it is the name or an address of ours; and what is dialled
 * after the answer.
 * @param {Who} call
 */
export function addressBeneath({ name, address }) {
  const shown = address.startsWith("client:") ? "" : formatAddress(address);
  const known = formatAddress(name);
  return shown === known ? "" : shown.replace(`${known}, `, "");
}

/** A deed that the call is in no state for: the call goes on, and no cause of its end is meant. */
const NOT_POSSIBLE = "not_possible";

/**
 * Marks by its slug why something failed, as `data-cause`; why it cannot be done just now is none, and is
 * `data-refused`.
 * @param {HTMLElement} element
 * @param {string} slug Empty for none.
 */
export function markCause(element, slug) {
  const isRefusal = slug === NOT_POSSIBLE;
  if (slug && !isRefusal) element.dataset.cause = slug;
  else delete element.dataset.cause;
  element.toggleAttribute("data-refused", isRefusal);
}
