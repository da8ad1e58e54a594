// @ts-check
/**
 * The notes of calls: saved a moment after the last letter, and said when they are.
 *
 * @typedef {"" | "saving" | "saved" | "failed"} NoteStatus
 *
 * @typedef {object} Note
 * @property {string} text As typed here.
 * @property {NoteStatus} status
 * @property {string} words Why it could not be saved.
 */

/** @import { AskDeed } from "./deeds.js"; */

const TYPED_MS = 800;
const AGAIN_MS = 5_000;

export class Notes {
  /** @type {Record<string, Note>} By a Call's SID. */
  board = {};
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  /** @type {Set<string>} Calls whose note is on its way. */
  #sending = new Set();

  /**
   * @param {object} options
   * @param {AskDeed} options.ask
   * @param {(board: Record<string, Note>) => void} options.changed
   */
  constructor({ ask, changed }) {
    this.ask = ask;
    this.changed = changed;
  }

  /**
   * @param {string} callSid
   * @param {string} text
   */
  typed(callSid, text) {
    if (!callSid) return;
    this.#change(callSid, { text, status: "", words: "" });
    this.#saveIn(callSid, TYPED_MS);
  }

  /**
   * The field is left, or the call is over: what was typed is saved now.
   * @param {string} callSid
   */
  left(callSid) {
    if (this.#timers.has(callSid)) this.#saveIn(callSid, 0);
  }

  /** The page is about to go: what still waits is sent now, each on its way already or not. */
  flush() {
    for (const [callSid, timer] of [...this.#timers]) {
      clearTimeout(timer);
      void this.#send(callSid);
    }
  }

  /**
   * @param {string} callSid
   * @param {number} milliseconds
   */
  #saveIn(callSid, milliseconds) {
    clearTimeout(this.#timers.get(callSid));
    this.#timers.set(callSid, setTimeout(() => void this.#save(callSid), milliseconds));
  }

  /** @param {string} callSid */
  async #save(callSid) {
    // One after the other, so that the last letter is the last to arrive.
    if (this.#sending.has(callSid)) this.#saveIn(callSid, TYPED_MS);
    else await this.#send(callSid);
  }

  /** @param {string} callSid */
  async #send(callSid) {
    this.#timers.delete(callSid);
    const text = this.board[callSid]?.text ?? "";
    this.#change(callSid, { status: "saving" });
    this.#sending.add(callSid);
    const { isDone, words, isAway } = await this.ask(callSid, "note", { note: text });
    this.#sending.delete(callSid);
    if (this.board[callSid]?.text !== text) return;
    this.#change(callSid, isDone ? { status: "saved", words: "" } : { status: "failed", words });
    // What is typed is not given up; what the server has refused, it would refuse again.
    if (isAway) this.#saveIn(callSid, AGAIN_MS);
  }

  /**
   * @param {string} callSid
   * @param {Partial<Note>} change
   */
  #change(callSid, change) {
    const before = this.board[callSid] ?? { text: "", status: "", words: "" };
    this.board = { ...this.board, [callSid]: { ...before, ...change } };
    this.changed(this.board);
  }
}
