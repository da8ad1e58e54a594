// @ts-check
/**
 * What the server tells of this person's calls and is asked to do to them: one thing at a time for each call, and
 * what came of it in words. Nothing is shown as done before the server says that it is.
 *
 * @typedef {object} Said What came of the last deed.
 * @property {string} deed
 * @property {string} words
 * @property {string} cause Why it was not done, by its slug; empty for none.
 * @property {boolean} isFailure
 *
 * @typedef {object} InCall
 * @property {CallState[]} states
 * @property {Record<string, string>} underWay By a Call's SID, the deed that is waited for.
 * @property {Record<string, Said>} said By a Call's SID.
 */

import { DEEDS } from "./offers.js";
import { gettext } from "../../texts.js";

/** @import { DeedAnswer } from "../relay/backend.js"; */
/** @import { CallState } from "../relay/call-states.js"; */

/** @typedef {(callSid: string, deed: string, fields: Record<string, string>) => Promise<DeedAnswer>} AskDeed */

/** From then on one is told that it takes long. */
const SLOW_MS = 4_000;
/** What went well needs no more than a glance. */
const PASSING_MS = 6_000;
const SLOW = gettext("This takes longer than usual. Nothing is lost: the call goes on as it is shown here.");

export class CallDeeds {
  /** @type {InCall} */
  board = { states: [], underWay: {}, said: {} };
  /** @type {Set<string>} Calls that have gone by way of a conference. */
  #moved = new Set();
  /** Counts what the server told by itself: an answer that was overtaken is old. */
  #told = 0;

  /**
   * @param {object} options
   * @param {AskDeed} options.ask
   * @param {(board: InCall) => void} options.changed
   */
  constructor({ ask, changed }) {
    this.ask = ask;
    this.changed = changed;
  }

  /** @param {CallState[]} states All of the person's calls. */
  heard(states) {
    this.#told += 1;
    this.#know(states);
  }

  /**
   * Whether the sound of a call goes by way of a conference, as far as is known here: a leg that ends there may
   * be a page that died, unless the server is told that it was meant.
   * @param {string} callSid
   */
  wasMoved(callSid) {
    return this.#moved.has(callSid);
  }

  /**
   * Whether it was the last that was done to a call, or is being done.
   * @param {string} callSid
   * @param {string} deed
   */
  isDone(callSid, deed) {
    const said = this.board.said[callSid];
    return this.board.underWay[callSid] === deed || (said?.deed === deed && !said.isFailure);
  }

  /**
   * @param {string} callSid
   * @param {string} deed
   * @param {Record<string, string>} [fields]
   * @returns {Promise<DeedAnswer | null>} Null where this call already waits for something; only to be ended it
   *   need not wait.
   */
  async act(callSid, deed, fields = {}) {
    const other = this.board.underWay[callSid];
    if (!callSid || (other && (other === deed || deed !== "hang-up"))) return null;
    const before = this.#told;
    this.#change({ underWay: { ...this.board.underWay, [callSid]: deed } });
    this.#say(callSid, null);
    const slow = setTimeout(() => this.#say(callSid, { deed, words: SLOW, cause: "", isFailure: false }), SLOW_MS);
    try {
      const answer = await this.ask(callSid, deed, fields);
      clearTimeout(slow);
      this.#settle(callSid, deed, answer, before);
      return answer;
    } finally {
      clearTimeout(slow);
      const { [callSid]: last, ...underWay } = this.board.underWay;
      if (last === deed) this.#change({ underWay });
    }
  }

  /**
   * @param {string} callSid
   * @param {string} words What the page itself has to say of a call.
   */
  tell(callSid, words) {
    this.#say(callSid, words ? { deed: "", words, cause: "", isFailure: true } : null);
  }

  /**
   * @param {string} callSid
   * @param {string} deed
   * @param {DeedAnswer} answer
   * @param {number} before
   */
  #settle(callSid, deed, { call, isDone, cause, words }, before) {
    if (call && this.#told === before) {
      const others = this.board.states.filter((state) => state.callSid !== call.callSid);
      this.#know([...others, call]);
    }
    const said = { deed, cause, words: isDone ? (DEEDS[deed]?.done ?? "") : words, isFailure: !isDone };
    this.#say(callSid, said);
    if (isDone) setTimeout(() => this.board.said[callSid] === said && this.#say(callSid, null), PASSING_MS);
  }

  /** @param {CallState[]} states */
  #know(states) {
    for (const { callSid, isMoved } of states) if (isMoved) this.#moved.add(callSid);
    const before = new Map(this.board.states.map(({ callSid, state }) => [callSid, state]));
    this.#change({ states });
    // What could not be done to the call as it was is no news of what it has become.
    for (const { callSid, state } of states) {
      if (before.get(callSid) !== state && this.board.said[callSid]?.isFailure) this.#say(callSid, null);
    }
  }

  /**
   * @param {string} callSid
   * @param {Said | null} said
   */
  #say(callSid, said) {
    const { [callSid]: _, ...others } = this.board.said;
    this.#change({ said: said ? { ...others, [callSid]: said } : others });
  }

  /** @param {Partial<InCall>} change */
  #change(change) {
    this.board = { ...this.board, ...change };
    this.changed(this.board);
  }
}
