// @ts-check
/** Calls that wait to be answered: a card on the page, the window's title, and a notice outside. */

import { formatAddress } from "../calls/dialling/showing.js";
import { readAddresses } from "./handed-over.js";
import { addressBeneath, calledOf, faceOf, part } from "./parts.js";

/** @import { CallView } from "../calls/call-state.js"; */

/**
 * @typedef {object} RingingHandlers
 * @property {(id: string) => void} answer
 * @property {(id: string) => void} decline
 */

export class Ringing {
  /** @type {Map<string, HTMLElement>} */
  #cards = new Map();
  /** @type {Map<string, Notification>} */
  #notices = new Map();

  /** @param {RingingHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    part("notify").addEventListener("click", () => this.#askToNotify());
    this.#drawOffer();
  }

  /**
   * @param {CallView[]} calls Those that wait.
   * @param {boolean} isInCall To answer one would end another.
   */
  draw(calls, isInCall) {
    for (const id of [...this.#cards.keys()]) {
      if (!calls.some((call) => call.id === id)) this.#remove(id);
    }
    for (const call of calls) {
      if (!this.#cards.has(call.id)) this.#add(call);
    }
    const [first] = calls;
    const title = first ? `☎ ${formatAddress(first.name)}` : (part("phone").dataset.title ?? "");
    if (document.title !== title) document.title = title;
    part("waiting-note").hidden = !(first && isInCall);
  }

  /** @param {CallView} call */
  #add(call) {
    const template = /** @type {HTMLTemplateElement} */ (part("waiting-template"));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const card = part("waiting-card", copy);
    part("waiting-face", card).textContent = faceOf(call);
    part("waiting-name", card).textContent = formatAddress(call.name);
    part("waiting-address", card).textContent = addressBeneath(call);
    part("waiting-attestation", card).textContent = call.attestation;
    part("waiting-called", card).textContent = calledOf(call) && `to ${calledOf(call)}`;
    part("answer", card).addEventListener("click", () => this.handlers.answer(call.id));
    part("decline", card).addEventListener("click", () => this.handlers.decline(call.id));
    part("waiting").append(card);
    this.#cards.set(call.id, card);
    this.#notify(call);
  }

  /** @param {string} id */
  #remove(id) {
    this.#cards.get(id)?.remove();
    this.#cards.delete(id);
    this.#notices.get(id)?.close();
    this.#notices.delete(id);
  }

  /** @param {CallView} call */
  #notify(call) {
    if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
    const icon = readAddresses().icon;
    const notice = new Notification(`${formatAddress(call.name)} is calling`, {
      body: [addressBeneath(call), calledOf(call) && `to ${calledOf(call)}`].filter(Boolean).join("\n"),
      tag: call.id,
      requireInteraction: true,
      ...(icon && { icon }),
    });
    notice.onclick = () => window.focus();
    this.#notices.set(call.id, notice);
  }

  async #askToNotify() {
    await Notification.requestPermission();
    this.#drawOffer();
  }

  #drawOffer() {
    part("notify").hidden = !("Notification" in window) || Notification.permission !== "default";
  }
}
