// @ts-check
/**
 * One conversation: with whom, for how long, how it sounds, and what can be done in it.
 *
 * @typedef {object} CallCardHandlers
 * @property {Pick<Handset, "hangUp" | "act" | "mute" | "keypad" | "note" | "noted">} handset
 * @property {(event: MouseEvent) => boolean} isHasty A click that was not meant for what has just appeared.
 * @property {(kind: WhomKind, card: CallCard) => void} askWhom Opens the dialog.
 */

import { formatAddress } from "../calls/dialling/showing.js";
import { offersOf } from "../calls/offers.js";
import { formatDuration, wordsOfNotice, wordsOfQuality, wordsOfTalk } from "../calls/words.js";
import { drawContactLink } from "./contact-link.js";
import { NoteField } from "./note-field.js";
import { drawOffer, drawReasons, isOff } from "./offer-buttons.js";
import { PartyList } from "./party-list.js";
import { addressBeneath, calledOf, faceOf, markCause, part, setText } from "./parts.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { Conversation } from "../calls/conversations.js"; */
/** @import { Said } from "../calls/deeds.js"; */
/** @import { Handset } from "../calls/handset.js"; */
/** @import { Offer } from "../calls/offers.js"; */
/** @import { Sound } from "../calls/switchboard.js"; */
/** @import { View } from "./view.js"; */
/** @import { WhomKind } from "./whom-dialog.js"; */

/** So long tones are shown that were typed with the keypad closed: they may be somebody's PIN. */
const DIGITS_SHOWN_MS = 4_000;

/** Nobody's: what is said comes back. */
const ECHO_FACE = "↩";

/** In these nothing is heard whose quality could be told. */
const SOUNDLESS = ["connecting", "ringing", "reconnecting"];

export class CallCard {
  /** @type {string | null} Null until it is drawn: those of before were sent elsewhere. */
  #digits = null;
  #digitsSince = -Infinity;
  /** @type {Record<string, Offer>} */
  #offers = {};

  /**
   * @param {HTMLElement} element
   * @param {Conversation} conversation
   * @param {CallCardHandlers} handlers
   */
  constructor(element, conversation, handlers) {
    this.element = element;
    this.conversation = conversation;
    this.handlers = handlers;
    const { handset } = handlers;
    this.parties = new PartyList(element, (party) => void handset.act(this.conversation, "remove", { party }));
    this.note = new NoteField(element, {
      typed: (text) => handset.note(this.conversation, text),
      left: () => handset.noted(this.conversation),
    });
    this.#listen();
  }

  #listen() {
    const { handset, askWhom } = this.handlers;
    this.#on("hang-up", () => void handset.hangUp(this.conversation));
    this.#on("mute", () => handset.mute());
    this.#on("keypad", () => handset.keypad());
    this.#on("transfer", () => askWhom("transfer", this));
    this.#on("add", () => askWhom("add", this));
    for (const name of ["hold", "record", "pause", "complete", "back", "join", "leave"]) {
      this.#on(name, () => void handset.act(this.conversation, this.#offers[name]?.deed ?? ""));
    }
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    const button = this.part(name);
    button.addEventListener("click", (event) => {
      if (!isOff(button) && !this.handlers.isHasty(event)) act();
    });
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLButtonElement} */ (part(name, this.element));
  }

  /** The focus goes where the next key belongs. */
  focus() {
    const { complete } = this.#offers;
    const isNext = complete?.isShown && !complete.isDisabled;
    this.part(isNext ? "complete" : "hang-up").focus();
  }

  remove() {
    this.handlers.handset.noted(this.conversation);
    this.element.remove();
  }

  /**
   * @param {View} view
   * @param {Conversation} conversation
   */
  draw({ board, inCall, notes, isServerLost, where, now }, conversation) {
    const { element } = this;
    const { line, callSid, state, isShared, isSpeaking } = conversation;
    const isOpen = state !== "connecting" && state !== "ringing";
    const isKeypadOpen = board.isKeypadOpen && isSpeaking;
    const circumstances = { isServerLost, underWay: inCall.underWay[callSid] ?? "", now };
    this.conversation = conversation;
    this.#offers = offersOf(conversation, circumstances);
    element.dataset.callState = state;
    element.classList.toggle("is-muted", line.isMuted);
    element.classList.toggle("is-aside", isShared && !isSpeaking);
    this.#drawWho(conversation);
    const time = conversation.openedAt === null ? "" : formatDuration(now - conversation.openedAt);
    setText("call-status", wordsOfTalk(conversation, board.microphone, time), element);
    this.#drawSound(isSpeaking ? board.sounds[line.id] : undefined, state);
    this.#drawDigits(isSpeaking ? board.digits : "", isKeypadOpen, now);
    const isHeardElsewhere = where.kind === "tab";
    part("levels", element).hidden = !isOpen || isKeypadOpen || state === "held" || isHeardElsewhere;
    part("call-recorded", element).hidden = conversation.recording === "off";
    setText("call-recorded", conversation.recording === "paused" ? gettext("Recording paused") : gettext("Being recorded"), element);
    for (const [name, offer] of Object.entries(this.#offers)) if (name !== "remove") drawOffer(this.part(name), offer);
    this.part("mute").setAttribute("aria-pressed", String(line.isMuted));
    this.part("keypad").setAttribute("aria-expanded", String(isKeypadOpen));
    drawReasons(element, isKeypadOpen ? {} : this.#offers);
    this.parties.draw(conversation, this.#offers.remove);
    this.#drawSaid(inCall.said[callSid]);
    this.note.draw({ isShown: isOpen && callSid !== "" && !isKeypadOpen && !line.isEcho, told: conversation.note, kept: notes[callSid] });
  }

  /**
   * @param {string} digits
   * @param {boolean} isKeypadOpen
   * @param {number} now
   */
  #drawDigits(digits, isKeypadOpen, now) {
    if (this.#digits !== null && digits.length > this.#digits.length) this.#digitsSince = now;
    this.#digits = digits;
    const isFresh = now - this.#digitsSince < DIGITS_SHOWN_MS;
    setText("call-digits", digits, this.element);
    part("call-digits", this.element).hidden = !digits || !(isKeypadOpen || isFresh);
  }

  /**
   * @param {Sound | undefined} sound
   * @param {Conversation["state"]} state
   */
  #drawSound(sound, state) {
    const { element } = this;
    const notice = sound?.notice;
    setText("call-warning", notice ? wordsOfNotice(notice) : "", element);
    part("call-warning", element).classList.toggle("is-over", notice?.isOver === true);
    const level = sound && !SOUNDLESS.includes(state) ? sound.quality.level : "";
    const meter = part("call-quality", element);
    meter.hidden = level === "";
    meter.dataset.quality = level;
    setText("quality-words", sound && level ? wordsOfQuality(sound.quality) : "", element);
  }

  /** @param {Conversation} conversation */
  #drawWho(conversation) {
    const { element } = this;
    setText("call-face", conversation.line.isEcho ? ECHO_FACE : faceOf(conversation), element);
    setText("call-name", formatAddress(conversation.name), element);
    setText("call-address", addressBeneath(conversation), element);
    setText("call-called", calledOf(conversation) && interpolate(gettext("to %(number)s"), { number: calledOf(conversation) }), element);
    drawContactLink(part("call-contact", element), conversation);
  }

  /** @param {Said | undefined} said */
  #drawSaid(said) {
    const element = part("call-said", this.element);
    element.classList.toggle("is-failure", said?.isFailure === true);
    markCause(element, said?.cause ?? "");
    setText("call-said", said?.words ?? "", this.element);
  }
}
