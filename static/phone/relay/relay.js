// @ts-check
/** One page session's reports on their way to the server: its queue, its socket, and what comes back. */

import { DeviceEvents, queuePrefix } from "./device-events.js";
import { deliverOrphans } from "./orphans.js";
import { PageSocket } from "./socket.js";

/** @import { EventFrame, Report } from "./device-events.js"; */
/** @import { SocketHandlers } from "./socket.js"; */
/** @import { ordinaryInterval } from "./steady-clock.js"; */

/** How long delivery of what a gone page left may take before a later page tries again. */
const DELIVERED_WITHIN_MS = 60_000;
/** Beyond this a socket that looks open is not believed, and is dialled anew. */
const ACKNOWLEDGED_WITHIN_MS = 10_000;
/** Twice as long each time that the next does not acknowledge anything either: it is the server then that is slow. */
const LONGEST_PATIENCE_MS = 80_000;

export class Relay {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #doubt;
  /** How many sockets in a row were not believed any more. */
  #doubted = 0;
  /** @type {{id: string, at: number} | null} The last report that was sent, and when. */
  #sent = null;
  /** @type {number | null} Milliseconds from a report to the word that it is recorded. */
  roundTrip = null;

  /**
   * @param {object} options
   * @param {string} options.socketUrl Without its query.
   * @param {string} options.identity
   * @param {string} options.pageSession
   * @param {Storage} options.storage
   * @param {() => string} options.getState
   * @param {SocketHandlers} options.handlers
   * @param {typeof ordinaryInterval} [options.every] The heartbeat's.
   * @param {() => void} [options.drained] Everything is recorded.
   */
  constructor({ socketUrl, identity, pageSession, storage, getState, handlers, every, drained = () => {} }) {
    this.handlers = handlers;
    this.drained = drained;
    this.socket = new PageSocket({
      url: `${socketUrl}?page_session=${pageSession}`,
      getState,
      ...(every && { every }),
      handlers: {
        ...handlers,
        opened: () => this.#opened(),
        frame: (frame) => this.#frame(frame),
      },
    });
    this.events = new DeviceEvents({
      storage,
      identity,
      pageSession,
      send: (frame) => this.#send(frame),
    });
  }

  /** @param {Report} report */
  report(report) {
    this.events.add(report);
  }

  /** @param {EventFrame} frame */
  #send(frame) {
    const isSent = this.socket.send(frame);
    if (isSent) {
      this.#sent = { id: frame.id, at: performance.now() };
      this.#expectAnswer();
    }
    return isSent;
  }

  #expectAnswer() {
    const patience = Math.min(ACKNOWLEDGED_WITHIN_MS * 2 ** this.#doubted, LONGEST_PATIENCE_MS);
    this.#doubt ??= setTimeout(() => this.#redial(), patience);
  }

  #redial() {
    this.#doubt = undefined;
    this.#doubted += 1;
    this.socket.redial();
  }

  #opened() {
    this.events.resend();
    this.handlers.opened();
    if (this.events.waiting === 0) this.drained();
  }

  /** @param {{type: string, [key: string]: any}} frame */
  #frame(frame) {
    if (frame.type !== "recorded" && frame.type !== "refused") {
      this.handlers.frame(frame);
      return;
    }
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
    this.#doubted = 0;
    this.events.forget(frame.id);
    if (frame.id === this.#sent?.id) this.roundTrip = performance.now() - (this.#sent?.at ?? 0);
    if (this.events.waiting === 0) this.drained();
    else this.#expectAnswer();
  }
}

/**
 * Sends what pages of the same person left unsent when they went, each as its own page's.
 *
 * @param {object} options
 * @param {string} options.socketUrl
 * @param {string} options.identity
 * @param {string} options.pageSession This page's.
 * @param {Storage} options.storage
 */
export function relayOrphans({ socketUrl, identity, pageSession, storage }) {
  return deliverOrphans({
    storage,
    prefix: queuePrefix(identity),
    ownSession: pageSession,
    locks: navigator.locks,
    deliver: (gone) => deliverOne({ socketUrl, identity, pageSession: gone, storage }),
  });
}

/**
 * @param {{socketUrl: string, identity: string, pageSession: string, storage: Storage}} options
 * @returns {Promise<void>} Settles when all is recorded, or after a while.
 */
function deliverOne(options) {
  return new Promise((resolve) => {
    const nothing = () => {};
    const relay = new Relay({
      ...options,
      getState: () => "offline",
      handlers: { opened: nothing, closed: nothing, signedOut: finish, frame: nothing },
      drained: finish,
    });
    const patience = setTimeout(finish, DELIVERED_WITHIN_MS);
    if (relay.events.waiting === 0) finish();
    else relay.socket.connect();

    function finish() {
      clearTimeout(patience);
      relay.socket.disconnect();
      resolve();
    }
  });
}
