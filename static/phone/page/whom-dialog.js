// @ts-check
/**
 * The dialogs that ask for somebody: to whom a call is transferred, and who is added to it. Each stays open until
 * the server has said yes, with its words if it says no.
 *
 * @typedef {"transfer" | "add"} WhomKind
 *
 * @typedef {(conversation: Conversation, deed: string, fields: Record<string, string>) => Promise<DeedAnswer | null>} Act
 */

import { offersTo } from "../calls/offers.js";
import { drawOffer, drawReasons, isOff } from "./offer-buttons.js";
import { markCause, part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { Conversation } from "../calls/conversations.js"; */
/** @import { DeedAnswer } from "../relay/backend.js"; */
/** @import { CallCard } from "./call-card.js"; */
/** @import { View } from "./view.js"; */

const NOBODY = gettext("Type a number, a name or an e-mail address.");

export class WhomDialog {
  /** @type {CallCard | null} */
  #card = null;

  /**
   * @param {WhomKind} kind
   * @param {object} options
   * @param {string[]} options.deeds The first is the one that Enter asks for.
   * @param {Act} options.act
   * @param {(conversation: Conversation) => void} options.seen What came of it is read here, and not once more there.
   * @param {() => string} options.getCallFrom
   */
  constructor(kind, { deeds, act, seen, getCallFrom }) {
    this.deeds = deeds;
    this.act = act;
    this.seen = seen;
    this.getCallFrom = getCallFrom;
    this.dialog = /** @type {HTMLDialogElement} */ (part(`${kind}-dialog`));
    this.field = /** @type {HTMLInputElement} */ (part("whom", this.dialog));
    part("whom-form", this.dialog).addEventListener("submit", (event) => {
      event.preventDefault();
      const submitter = /** @type {SubmitEvent} */ (event).submitter;
      if (submitter && isOff(submitter)) return;
      void this.#ask(submitter?.dataset.deed ?? deeds[0] ?? "");
    });
    part("whom-cancel", this.dialog).addEventListener("click", () => this.dialog.close());
    this.field.addEventListener("input", () => this.#say("", ""));
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** The focus goes back to the button that opened it, unless that is not offered any more. */
  #closed() {
    const focused = document.activeElement;
    const isLost = !focused || focused === document.body || !focused.checkVisibility();
    if (isLost && this.#card?.element.isConnected) this.#card.focus();
    this.#card = null;
  }

  /** @param {CallCard} card */
  open(card) {
    if (this.dialog.open) return;
    this.#card = card;
    this.field.value = "";
    this.#say("", "");
    this.dialog.showModal();
    this.field.focus();
  }

  /** @param {View} view */
  draw({ inCall, isServerLost, now }) {
    const card = this.#card;
    if (!card) return;
    if (!card.element.isConnected) {
      this.dialog.close();
      return;
    }
    const { conversation } = card;
    const underWay = inCall.underWay[conversation.callSid] ?? "";
    const offers = offersTo(conversation, this.deeds, { isServerLost, underWay, now });
    for (const [deed, offer] of Object.entries(offers)) drawOffer(this.#button(deed), offer);
    drawReasons(this.dialog, offers);
  }

  /** @param {string} deed */
  #button(deed) {
    const button = this.dialog.querySelector(`button[data-deed="${deed}"]`);
    if (!button) throw new Error(`The dialog has no button for “${deed}”.`);
    return /** @type {HTMLButtonElement} */ (button);
  }

  /** @param {string} deed */
  async #ask(deed) {
    const card = this.#card;
    const to = this.field.value.trim();
    if (!to) {
      this.#say(NOBODY, "");
      this.field.focus();
      return;
    }
    if (!card) return;
    const answer = await this.act(card.conversation, deed, { to, call_from: this.getCallFrom() });
    if (!answer || this.#card !== card) return;
    if (answer.isDone) {
      this.dialog.close();
    } else {
      this.seen(card.conversation);
      this.#say(answer.words, answer.cause);
      this.field.focus();
    }
  }

  /**
   * @param {string} words
   * @param {string} cause
   */
  #say(words, cause) {
    const element = part("whom-said", this.dialog);
    markCause(element, cause);
    setText("whom-said", words, this.dialog);
    this.field.setAttribute("aria-invalid", String(words !== ""));
  }
}
