// @ts-check
/** The regions of the conversations: one for each, made when it begins and taken away when it is over. */

import { CallCard } from "./call-card.js";
import { part } from "./parts.js";

/** @import { Conversation } from "../calls/conversations.js"; */
/** @import { CallCardHandlers } from "./call-card.js"; */
/** @import { View } from "./view.js"; */

export class CallCards {
  /** @type {Map<string, CallCard>} */
  #cards = new Map();

  /** @param {CallCardHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.place = part("calls");
    this.template = /** @type {HTMLTemplateElement} */ (part("call-template"));
  }

  /** The card that is spoken in, or else the first. */
  get first() {
    const cards = [...this.#cards.values()];
    return cards.find(({ conversation }) => conversation.isSpeaking) ?? cards[0] ?? null;
  }

  /**
   * @param {View} view
   * @param {Conversation[]} conversations
   */
  draw(view, conversations) {
    for (const [key, card] of [...this.#cards]) {
      if (conversations.some((conversation) => conversation.key === key)) continue;
      card.remove();
      this.#cards.delete(key);
    }
    for (const conversation of conversations) this.#cardOf(conversation).draw(view, conversation);
    this.place.classList.toggle("has-two", conversations.length > 1);
  }

  /** @param {Conversation} conversation */
  #cardOf(conversation) {
    const known = this.#cards.get(conversation.key);
    if (known) return known;
    const copy = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const card = new CallCard(part("call-card", copy), conversation, this.handlers);
    this.place.append(card.element);
    this.#cards.set(conversation.key, card);
    return card;
  }
}

/**
 * Of the call that is spoken in.
 * @param {number} input 0 to 1
 * @param {number} output 0 to 1
 */
export function drawLevels(input, output) {
  for (const [name, level] of Object.entries({ "input-level": input, "output-level": output })) {
    for (const element of part("calls").querySelectorAll(`[data-part="${name}"]`)) {
      /** @type {HTMLElement} */ (element).style.setProperty("--level", String(Math.min(1, level * 1.6)));
    }
  }
}
