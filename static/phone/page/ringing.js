// @ts-check
/** Calls that wait to be answered: a card on the page, the window's title, and a notice outside. */

import { formatAddress } from "../calls/dialling/showing.js";
import { offersOfWaiting } from "../calls/offers.js";
import { readAddresses } from "./handed-over.js";
import { drawOffer, drawReasons, isOff } from "./offer-buttons.js";
import { addressBeneath, calledOf, faceOf, part, setText } from "./parts.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Waiting } from "../calls/waiting.js"; */
/** @import { Handset } from "../calls/handset.js"; */
/** @import { IconBadge } from "./icon-badge.js"; */
/** @import { View } from "./view.js"; */

/** @typedef {Pick<Handset, "answer" | "decline" | "holdAndAnswer" | "sendToVoicemail">} RingingHandlers */

export class Ringing {
  /** @type {Map<string, {element: HTMLElement, waiting: Waiting}>} */
  #cards = new Map();
  /** @type {Map<string, Notification>} */
  #notices = new Map();

  /**
   * @param {RingingHandlers} handlers
   * @param {Pick<IconBadge, "rings">} badge
   */
  constructor(handlers, badge) {
    this.handlers = handlers;
    this.badge = badge;
    part("notify").addEventListener("click", () => this.#askToNotify());
    this.#drawOffer();
  }

  /**
   * @param {View} view
   * @param {Waiting[]} waiting
   * @param {boolean} isInCall To answer one would end another.
   */
  draw(view, waiting, isInCall) {
    for (const id of [...this.#cards.keys()]) {
      if (!waiting.some(({ call }) => call.id === id)) this.#remove(id);
    }
    for (const one of waiting) {
      if (!this.#cards.has(one.call.id)) this.#add(one);
      this.#drawOne(view, one, isInCall);
    }
    const [first] = waiting;
    const title = first ? `☎ ${formatAddress(first.call.name)}` : (part("phone").dataset.title ?? "");
    if (document.title !== title) document.title = title;
    this.badge.rings(waiting.length);
    part("waiting-note").hidden = !(first && isInCall);
  }

  /** The card of the first, where there is one: its buttons come next. */
  get first() {
    const [first] = this.#cards.values();
    return first?.element ?? null;
  }

  /** The one that would be answered first, by the shortest way that ends no other call. */
  get firstAnswer() {
    const [first] = this.#cards.values();
    const names = ["hold-and-answer", "answer"];
    const buttons = first ? names.map((name) => /** @type {HTMLButtonElement} */ (part(name, first.element))) : [];
    return buttons.find(({ hidden }) => !hidden) ?? null;
  }

  /** @param {Waiting} waiting */
  #add(waiting) {
    const { call } = waiting;
    const template = /** @type {HTMLTemplateElement} */ (part("waiting-template"));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const card = part("waiting-card", copy);
    setText("waiting-face", faceOf(call), card);
    setText("waiting-name", formatAddress(call.name), card);
    setText("waiting-address", addressBeneath(call), card);
    setText("waiting-attestation", call.attestation, card);
    setText("waiting-called", calledOf(call) && interpolate(gettext("to %(number)s"), { number: calledOf(call) }), card);
    const known = { element: card, waiting };
    const { handlers } = this;
    part("answer", card).addEventListener("click", () => handlers.answer(call.id));
    part("decline", card).addEventListener("click", () => handlers.decline(call.id));
    const ask = (/** @type {string} */ name, /** @type {(waiting: Waiting) => void} */ act) => {
      const button = part(name, card);
      button.addEventListener("click", () => isOff(button) || act(known.waiting));
    };
    ask("hold-and-answer", (one) => handlers.holdAndAnswer(one));
    ask("voicemail", (one) => handlers.sendToVoicemail(one));
    part("waiting").append(card);
    this.#cards.set(call.id, known);
    this.#notify(call);
  }

  /**
   * @param {View} view
   * @param {Waiting} waiting
   * @param {boolean} isInCall
   */
  #drawOne({ inCall, isServerLost, now }, waiting, isInCall) {
    const known = this.#cards.get(waiting.call.id);
    if (!known) return;
    known.waiting = waiting;
    const underWay = inCall.underWay[waiting.callSid] ?? "";
    const offers = offersOfWaiting(waiting, { isInCall, isServerLost, underWay, now });
    const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (part(name, known.element));
    for (const [name, offer] of Object.entries(offers)) drawOffer(button(name), offer);
    // Until what is asked is done, nothing else is.
    button("answer").disabled = button("decline").disabled = underWay !== "";
    drawReasons(known.element, offers);
    const said = inCall.said[waiting.callSid];
    setText("waiting-said", said?.words ?? "", known.element);
  }

  /** @param {string} id */
  #remove(id) {
    this.#cards.get(id)?.element.remove();
    this.#cards.delete(id);
    this.#notices.get(id)?.close();
    this.#notices.delete(id);
  }

  /** @param {CallView} call */
  #notify(call) {
    if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
    const icon = readAddresses().icon;
    const notice = new Notification(interpolate(gettext("%(name)s is calling"), { name: formatAddress(call.name) }), {
      body: [addressBeneath(call), calledOf(call) && interpolate(gettext("to %(number)s"), { number: calledOf(call) })].filter(Boolean).join("\n"),
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
