// @ts-check
/** What somebody does with the calls of this page: makes one, answers, mutes, dials on, hangs up, and the rest. */

import { conversationsOf, isServersToEnd } from "./conversations.js";
import { DigitQueue, readDigits } from "./digits.js";
import { gettext } from "../../texts.js";

/** @import { PhoneDevice } from "../device/device.js"; */
/** @import { Conversation } from "./conversations.js"; */
/** @import { CallDeeds, Said } from "./deeds.js"; */
/** @import { Notes } from "./notes.js"; */
/** @import { Switchboard } from "./switchboard.js"; */
/** @import { Waiting } from "./waiting.js"; */

const ECHO = gettext("Echo test call");
const NO_DIGITS = gettext("Only digits, * and #, and a comma for a pause, can be sent as tones.");

/** Nobody is kept in a call for longer by a server that is slow to end it. */
const HANG_UP_WITHIN_MS = 3_000;

/**
 * @param {number} milliseconds
 * @param {Promise<void>} work Goes on behind, if it is not done by then.
 */
function atMost(milliseconds, work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let impatient;
  const patience = new Promise((resolve) => (impatient = setTimeout(resolve, milliseconds)));
  return Promise.race([patience, work]).finally(() => clearTimeout(impatient));
}

export class Handset {
  /** A call is being placed that is no call yet: the microphone is asked for first. */
  #isPlacing = false;
  /** A call is being answered that rings still: what is talked in is ended first. */
  #isAnswering = false;
  /** @type {Map<string, Said | undefined>} Calls that the server did not end when asked, with what is said of it. */
  #stuck = new Map();

  /**
   * @param {object} phone
   * @param {Pick<PhoneDevice, "connect" | "calls">} phone.device
   * @param {Switchboard} phone.switchboard
   * @param {Pick<CallDeeds, "act" | "tell" | "wasMoved" | "board">} phone.deeds
   * @param {Pick<Notes, "typed" | "left">} phone.notes
   */
  constructor({ device, switchboard, deeds, notes }) {
    this.device = device;
    this.switchboard = switchboard;
    this.deeds = deeds;
    this.notes = notes;
    this.tones = new DigitQueue({
      send: (digit) => this.#sendTone(digit),
      getHearer: () => this.#hearer,
    });
  }

  /**
   * @param {string} to
   * @param {string} callFrom
   * @param {string} name For people.
   */
  async call(to, callFrom, name) {
    await this.place({ to, callFrom, name });
  }

  /** Calls nobody: whoever speaks hears themselves. */
  async hearEcho() {
    await this.place({ to: "", callFrom: "", name: ECHO, isEcho: true });
  }

  /** @param {Parameters<PhoneDevice["connect"]>[0]} whom */
  async place(whom) {
    if (this.switchboard.active || this.#isPlacing) return;
    this.#isPlacing = true;
    try {
      await this.device.connect(whom);
    } catch (error) {
      this.switchboard.failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isPlacing = false;
    }
  }

  /**
   * @param {string} words Why nobody is called; empty takes it back.
   * @param {string} cause
   */
  refuse(words, cause) {
    this.switchboard.refused(words, cause);
  }

  /**
   * The SDK ends the line that is talked on before it accepts another. Where that line is in a conference the
   * server is told first that it is meant, of each conversation on it.
   * @param {string} id
   */
  async answer(id) {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    try {
      const ending = this.#conversations.filter((one) => this.#isServers(one));
      if (ending.length > 0) await atMost(HANG_UP_WITHIN_MS, this.#endOneByOne(ending));
      this.device.calls.get(id)?.accept();
    } finally {
      this.#isAnswering = false;
    }
  }

  /** @param {Conversation[]} conversations */
  async #endOneByOne(conversations) {
    for (const { callSid } of conversations) await this.deeds.act(callSid, "hang-up");
  }

  /** Those on the line that is talked on. */
  get #conversations() {
    const { active } = this.switchboard;
    return active ? conversationsOf({ calls: [active], states: this.deeds.board.states }) : [];
  }

  /** @param {Conversation} conversation */
  #isServers(conversation) {
    return isServersToEnd(conversation) || this.deeds.wasMoved(conversation.callSid);
  }

  /** @param {string} id The same call may ring here twice: by a ring that has followed its person, too. */
  decline(id) {
    const { calls } = this.switchboard.board;
    const rungBy = calls.find((call) => call.id === id)?.rungBy;
    const same = calls.filter((call) => rungBy && call.rungBy === rungBy && call.status === "pending");
    for (const one of new Set([id, ...same.map((call) => call.id)])) this.device.calls.get(one)?.reject();
  }

  /** @param {Waiting} waiting The call goes on to the voicemail; or a second one is answered, the first held. */
  sendToVoicemail({ callSid }) {
    void this.deeds.act(callSid, "voicemail");
  }

  /** @param {Waiting} waiting */
  holdAndAnswer({ callSid }) {
    void this.deeds.act(callSid, "answer");
  }

  /**
   * Ends the line at once where that ends this conversation and no other. Else the server ends it, also where the
   * sound goes by way of a conference: there, a leg that ends unannounced is one whose page has died.
   * @param {Conversation} [conversation]
   */
  async hangUp(conversation) {
    const { callSid = "", isShared = false } = conversation ?? {};
    // By the time that the server has answered another may be the one that is talked on.
    const line = conversation?.line.id ?? this.switchboard.active?.id ?? "";
    const isServers = conversation && this.#isServers(conversation);
    if (!isServers || this.#isStuck(callSid)) {
      this.#endLine(line);
      return;
    }
    const impatient = isShared ? undefined : setTimeout(() => this.#endLine(line), HANG_UP_WITHIN_MS);
    const answer = await this.deeds.act(callSid, "hang-up");
    clearTimeout(impatient);
    if (!answer) return;
    if (answer.isDone) this.#unstick();
    if (isShared && !answer.isDone) {
      this.deeds.tell(callSid, `${answer.words} ${gettext("Hang up once more to leave both calls.")}`);
      this.#stuck.set(callSid, this.deeds.board.said[callSid]);
    } else if (!isShared) {
      this.#endLine(line);
    }
  }

  /** @param {string} callSid Whether it is said just now that to hang up once more leaves both calls. */
  #isStuck(callSid) {
    const said = this.#stuck.get(callSid);
    return said !== undefined && said === this.deeds.board.said[callSid];
  }

  /** The server does again what it is asked: nobody has to leave both calls. */
  #unstick() {
    for (const callSid of this.#stuck.keys()) if (this.#isStuck(callSid)) this.deeds.tell(callSid, "");
    this.#stuck.clear();
  }

  /** @param {string} id */
  #endLine(id) {
    if (id === this.switchboard.active?.id) this.tones.clear();
    this.device.calls.hangUp(id);
  }

  /**
   * Asks the server to do something.
   * @param {Conversation} conversation
   * @param {string} deed
   * @param {Record<string, string>} [fields]
   */
  async act({ callSid }, deed, fields = {}) {
    const answer = await this.deeds.act(callSid, deed, fields);
    if (answer?.isDone) this.#unstick();
    return answer;
  }

  /** @param {Conversation} conversation What is said of it has been read. */
  seen({ callSid }) {
    this.deeds.tell(callSid, "");
  }

  /**
   * @param {Conversation} conversation
   * @param {string} text
   */
  note({ callSid }, text) {
    this.notes.typed(callSid, text);
  }

  /** @param {Conversation} conversation Its note is left. */
  noted({ callSid }) {
    this.notes.left(callSid);
  }

  /** Mutes the call, or takes that back. */
  mute() {
    this.#activeCall?.mute(!this.switchboard.active?.isMuted);
  }

  keypad() {
    this.switchboard.toggleKeypad();
  }

  /**
   * @param {string} text Tones for the other end, once there is one; a comma or a `w` is a pause.
   * @param {Conversation} [conversation] In which it is said if they cannot be sent.
   */
  digit(text, conversation) {
    const digits = readDigits(text);
    if (digits) this.tones.push(digits);
    else if (!digits && conversation) this.deeds.tell(conversation.callSid, NO_DIGITS);
  }

  /** @param {string} digit */
  #sendTone(digit) {
    this.#activeCall?.sendDigits(digit);
    this.switchboard.sent(digit);
  }

  /**
   * Who hears a tone: the conversation that is spoken in, as it is now. One that is put on hold, or in which a
   * colleague is asked or a third one joins, is heard by somebody else.
   */
  get #hearer() {
    const spoken = this.#conversations.find(({ isSpeaking }) => isSpeaking);
    return spoken && spoken.line.status === "open" ? [spoken.line.id, spoken.key, spoken.state].join(" ") : "";
  }

  get #activeCall() {
    return this.device.calls.get(this.switchboard.active?.id ?? "");
  }
}
