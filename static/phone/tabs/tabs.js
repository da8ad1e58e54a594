// @ts-check
/**
 * The tabs of one browser that show the same person's phone: one of them is the phone, the others are spares that
 * know what it shows and can ask it to do something. Knows neither page nor SDK, nor what is told and asked.
 *
 * A browser that has no locks or no channel between tabs, as on a page that came without encryption, makes each
 * tab a phone of its own.
 *
 * @typedef {"unknown" | "phone" | "spare"} Role
 *
 * @typedef {object} Told What the phone tells the spares.
 * @property {boolean} isBusy In a call, or rung.
 *
 * @typedef {Pick<BroadcastChannel, "postMessage" | "close"> & {onmessage: ((event: any) => any) | null}} Channel
 */

import { Seat } from "./seat.js";

/** @import { ordinaryInterval } from "../relay/steady-clock.js"; */

const ASK_EVERY_MS = 2_000;
/** Questions in a row without an answer: the phone is frozen, or hangs. Its lock alone would not tell. */
const SILENT_AFTER = 3;
/** In a call the page may stand still while somebody reads whether to leave it: its sound goes on. */
const SILENT_IN_A_CALL_AFTER = 15;
/** A spare that has not asked for so long is gone. */
const SPARE_FOR_MS = 3 * ASK_EVERY_MS;

/** @template {Told} T */
export class Tabs {
  /** @type {Role} */
  role = "unknown";
  /** @type {T | null} What the phone has told last. */
  told = null;
  /** The tab that is the phone, as far as it is known. */
  phone = "";
  #unanswered = 0;
  /** @type {Map<string, number>} When each spare was last heard of. */
  #spares = new Map();
  /** @type {Channel | null} */
  #channel = null;
  #endAsking = () => {};
  #seat;

  /**
   * @param {object} options
   * @param {string} options.id This tab's.
   * @param {string} options.name Of the lock and of the channel: another person's are others.
   * @param {Pick<LockManager, "request"> | undefined} options.locks
   * @param {((name: string) => Channel) | undefined} options.openChannel
   * @param {typeof ordinaryInterval} options.every One that keeps its time in a hidden tab.
   * @param {() => T} options.getTold What this tab tells while it is the phone.
   * @param {(role: Role) => void} options.became
   * @param {() => void} options.heard The phone has told something, or a spare has come or gone.
   * @param {(deed: string, args: any[]) => void} options.asked By a spare, of this tab, which is the phone.
   */
  constructor(options) {
    this.options = options;
    const { name, locks } = options;
    this.#seat = new Seat({
      name,
      locks: locks ?? { request: () => Promise.reject(new Error("no locks")) },
      gained: () => this.#become("phone"),
      lost: () => this.#lost(),
      unavailable: () => this.#alone(),
    });
  }

  /** Whether any other tab has the page open too, as far as this one, which is the phone, has heard. */
  get hasSpares() {
    return this.#spares.size > 0;
  }

  join() {
    const { locks, openChannel, name, id, every } = this.options;
    try {
      if (!locks || !openChannel) throw new Error("no locks, or no channel");
      this.#channel = openChannel(name);
    } catch {
      this.#alone();
      return;
    }
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#seat.wait();
    this.#post({ type: "who", from: id });
    this.#endAsking = every(() => this.#tick(), ASK_EVERY_MS);
  }

  /** The tab is closed, or put aside by the browser: it is neither phone nor spare until it joins again. */
  leave() {
    this.#post({ type: "gone", from: this.options.id });
    this.#endAsking();
    this.#endAsking = () => {};
    this.#channel?.close();
    this.#channel = null;
    this.role = "unknown";
    this.told = null;
    this.#spares.clear();
    this.#seat.leave();
  }

  /** Makes this tab the phone, at once. */
  take() {
    this.#seat.take();
  }

  /** Tells the spares what this tab, which is the phone, has to tell now. */
  tell() {
    if (this.role !== "phone" || !this.#channel) return;
    this.#post({ type: "here", from: this.options.id, told: this.options.getTold() });
  }

  /**
   * Has the phone do something.
   * @param {string} deed
   * @param {any[]} args What can be copied.
   */
  ask(deed, ...args) {
    this.#post({ type: "ask", to: this.phone, deed, args });
  }

  /** @param {Role} role */
  #become(role) {
    if (this.role === role) return;
    this.role = role;
    this.#unanswered = 0;
    this.#spares.clear();
    if (role === "phone") this.phone = this.options.id;
    this.options.became(role);
    this.tell();
  }

  #lost() {
    this.#become("spare");
    this.#seat.wait();
    this.#post({ type: "who", from: this.options.id });
  }

  #alone() {
    this.#endAsking();
    this.#channel?.close();
    this.#channel = null;
    this.#become("phone");
  }

  #tick() {
    if (this.role === "phone") {
      this.#dropSpares();
      return;
    }
    // The phone has a turn more than was asked: so that a machine that wakes does not count its sleep.
    const most = this.told?.isBusy ? SILENT_IN_A_CALL_AFTER : SILENT_AFTER;
    if (this.#unanswered >= most) {
      this.#unanswered = 0;
      this.take();
      return;
    }
    this.#unanswered += 1;
    this.#post({ type: "who", from: this.options.id });
  }

  #dropSpares() {
    const oldest = Date.now() - SPARE_FOR_MS;
    for (const [id, at] of [...this.#spares]) if (at < oldest) this.#spareGone(id);
  }

  /** @param {string} id */
  #spareGone(id) {
    if (this.#spares.delete(id)) this.options.heard();
  }

  /** @param {any} message */
  #hear(message) {
    const { id, asked, heard } = this.options;
    if (this.role === "phone") {
      if (message?.type === "who") this.#askedWho(message.from);
      else if (message?.type === "gone") this.#spareGone(message.from);
      else if (message?.type === "ask" && message.to === id) asked(message.deed, message.args);
    } else if (message?.type === "here") {
      this.#unanswered = 0;
      this.phone = message.from;
      this.told = message.told;
      this.#become("spare");
      heard();
    }
  }

  /** @param {string} from */
  #askedWho(from) {
    const isNew = !this.#spares.has(from);
    this.#spares.set(from, Date.now());
    this.tell();
    if (isNew) this.options.heard();
  }

  /** @param {object} message */
  #post(message) {
    this.#channel?.postMessage(message);
  }
}
