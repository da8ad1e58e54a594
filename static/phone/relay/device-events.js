// @ts-check
/**
 * The relay's queue: every report about the Device is kept until the server says that it is
 * recorded, over lost sockets, reloads and closed tabs.
 *
 * Each load of the page has a queue of its own, so that two tabs never send each other's reports.
 * The queue of a page that is gone is sent by a later one, as that page's (see `orphans.js`).
 * A repeat does no harm: the server stores each id once.
 *
 * @typedef {object} Report
 * @property {"connecting" | "ready" | "offline" | "error" | "incoming" | "connect" | "disconnect" | "cancel"} state
 * @property {string} sdk_event
 * @property {number | null} [code]
 * @property {number | null} [original_code]
 * @property {string} [message]
 *
 * @typedef {Report & {type: "event", id: string, seq: number, at: string}} EventFrame
 *
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} KeptStorage
 */

import { makeTimedUuid } from "./ids.js";

export const MOST_KEPT = 500;
/**
 * How many are on their way unacknowledged. A server that is slow is not made slower: whatever is sent once more on
 * the next socket has been sent for nothing on this one.
 */
export const AT_ONCE = 25;
const LONGEST_MESSAGE = 1000;

/** @param {string} identity */
export const queuePrefix = (identity) => `dognbone.events.${identity}.`;

export class DeviceEvents {
  /** @type {EventFrame[]} */
  #kept = [];
  #seq = 0;
  /** Those of the oldest that were sent on this socket. @type {Set<string>} */
  #underWay = new Set();

  /**
   * Begins with what an earlier life of the same queue left behind.
   *
   * @param {object} options
   * @param {KeptStorage} options.storage
   * @param {string} options.identity Whose phone this is: nobody else's reports are sent from here.
   * @param {string} options.pageSession
   * @param {(frame: EventFrame) => boolean} options.send False where the socket is not open.
   * @param {() => number} [options.now] Milliseconds since the epoch.
   * @param {(at: number) => string} [options.makeId]
   */
  constructor({ storage, identity, pageSession, send, now = Date.now, makeId = makeTimedUuid }) {
    this.storage = storage;
    this.key = queuePrefix(identity) + pageSession;
    this.send = send;
    this.now = now;
    this.makeId = makeId;
    this.#kept = readQueue(storage, this.key);
    if (this.#kept.length === 0) this.#store();
  }

  /** How many reports the server has not acknowledged. */
  get waiting() {
    return this.#kept.length;
  }

  /**
   * Keeps a report, and sends it if the socket is open and not too many are on their way. Beyond the bound the
   * oldest report goes.
   * @param {Report} report
   */
  add(report) {
    const at = this.now();
    /** @type {EventFrame} */
    const frame = {
      type: "event",
      id: this.makeId(at),
      seq: ++this.#seq,
      state: report.state,
      sdk_event: report.sdk_event,
      code: report.code ?? null,
      original_code: report.original_code ?? null,
      message: cut(report.message ?? ""),
      at: new Date(at).toISOString(),
    };
    this.#kept = [...this.#kept, frame].slice(-MOST_KEPT);
    this.#store();
    this.#sendMore();
    return frame;
  }

  /** Sends what is not acknowledged, oldest first and not all at once. For a socket that has just opened. */
  resend() {
    this.#underWay.clear();
    this.#sendMore();
  }

  #sendMore() {
    let room = AT_ONCE;
    for (const frame of this.#kept) {
      if (!this.#underWay.has(frame.id)) {
        if (room <= 0 || !this.send(frame)) return;
        this.#underWay.add(frame.id);
      }
      room -= 1;
    }
  }

  /**
   * Forgets a report: it is recorded, or the server will never take it. The next has its room.
   * @param {string | null} id
   */
  forget(id) {
    const rest = this.#kept.filter((frame) => frame.id !== id);
    if (rest.length === this.#kept.length) return;
    this.#kept = rest;
    this.#underWay.delete(String(id));
    this.#store();
    this.#sendMore();
  }

  #store() {
    try {
      if (this.#kept.length) this.storage.setItem(this.key, JSON.stringify(this.#kept));
      else this.storage.removeItem(this.key);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // No room, or storage is forbidden: the reports then last as long as the page does.
    }
  }
}

/**
 * @param {KeptStorage} storage
 * @param {string} key
 * @returns {EventFrame[]} Empty where there is nothing, or nothing that can be read.
 */
export function readQueue(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((frame) => typeof frame?.id === "string") : [];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return [];
    throw error;
  }
}

/**
 * A message as the server takes it: not too long, no NUL, no half of a surrogate pair.
 * @param {string} message
 */
function cut(message) {
  return message.slice(0, LONGEST_MESSAGE).replaceAll("\0", "").toWellFormed();
}
