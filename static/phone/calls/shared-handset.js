// @ts-check
/**
 * The handset of a tab, whichever tab the phone is in: what needs the line itself is done where that is. Whoever
 * calls from a tab that is not the phone has the phone brought there first.
 */

import { Handset } from "./handset.js";
import { gettext } from "../../texts.js";

/** @import { Conversation } from "./conversations.js"; */
/** @import { Waiting } from "./waiting.js"; */

const NOT_HERE = gettext("The phone could not be brought to this tab, so nobody was called. Try again in a moment.");
/** What one tab may have another do. */
const DEEDS = /** @type {const} */ (["answer", "decline", "hangUp", "mute", "keypad", "digit", "sendToVoicemail", "holdAndAnswer"]);

/**
 * @typedef {object} WhereItIs
 * @property {() => boolean} isHere
 * @property {(deed: string, ...args: any[]) => void} ask Has the tab that is the phone do it.
 * @property {() => Promise<boolean>} bring The phone to this tab; whether it came.
 */

export class SharedHandset extends Handset {
  #isFetching = false;

  /**
   * @param {ConstructorParameters<typeof Handset>[0]} phone
   * @param {WhereItIs} where
   */
  constructor(phone, where) {
    super(phone);
    this.where = where;
  }

  /**
   * Does what another tab asks for.
   * @param {string} deed
   * @param {any[]} args
   */
  doFor(deed, args) {
    const known = DEEDS.find((name) => name === deed);
    if (known) /** @type {(...args: any[]) => void} */ (this[known]).apply(this, args);
  }

  /**
   * @override
   * @param {Parameters<Handset["place"]>[0]} whom
   */
  async place(whom) {
    if (this.#isFetching) return;
    if (!this.where.isHere()) {
      this.#isFetching = true;
      const isHere = await this.where.bring().finally(() => (this.#isFetching = false));
      if (!isHere) {
        this.refuse(NOT_HERE, "");
        return;
      }
    }
    await super.place(whom);
  }

  /** @override @param {string} id */
  async answer(id) {
    if (this.where.isHere()) await super.answer(id);
    else this.where.ask("answer", id);
  }

  /** @override @param {string} id */
  decline(id) {
    if (this.where.isHere()) super.decline(id);
    else this.where.ask("decline", id);
  }

  /** @override @param {Waiting} waiting */
  sendToVoicemail(waiting) {
    if (this.where.isHere()) super.sendToVoicemail(waiting);
    else this.where.ask("sendToVoicemail", waiting);
  }

  /** @override @param {Waiting} waiting */
  holdAndAnswer(waiting) {
    if (this.where.isHere()) super.holdAndAnswer(waiting);
    else this.where.ask("holdAndAnswer", waiting);
  }

  /** @override @param {Conversation} [conversation] */
  async hangUp(conversation) {
    if (this.where.isHere()) await super.hangUp(conversation);
    else this.where.ask("hangUp", conversation);
  }

  /** @override */
  mute() {
    if (this.where.isHere()) super.mute();
    else this.where.ask("mute");
  }

  /** @override */
  keypad() {
    if (this.where.isHere()) super.keypad();
    else this.where.ask("keypad");
  }

  /**
   * @override
   * @param {string} text
   * @param {Conversation} [conversation]
   */
  digit(text, conversation) {
    if (this.where.isHere()) super.digit(text, conversation);
    else this.where.ask("digit", text, conversation);
  }
}
