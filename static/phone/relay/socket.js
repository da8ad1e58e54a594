// @ts-check
/** The page's socket to Dog n Bone: comes back by itself, and says every 15 s that the page is alive. */

import { Retry } from "./backoff.js";
import { ordinaryInterval } from "./steady-clock.js";

export const SIGNED_OUT = 4401;
const ALIVE_EVERY_MS = 15_000;
const RETRY_PAUSES = { base: 500, cap: 20_000 };

/**
 * @typedef {object} SocketHandlers
 * @property {() => void} opened
 * @property {() => void} closed Lost; it is being dialled again.
 * @property {() => void} signedOut The server says that nobody is signed in; it is not dialled again.
 * @property {(frame: {type: string, [key: string]: any}) => void} frame
 */

export class PageSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  #retry = new Retry(RETRY_PAUSES);
  #endBeat = () => {};
  #isWanted = false;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {() => string} options.getState The Device's state, for the heartbeat.
   * @param {SocketHandlers} options.handlers
   * @param {typeof ordinaryInterval} [options.every]
   * @param {typeof WebSocket} [options.WebSocketClass]
   */
  constructor({ url, getState, handlers, every = ordinaryInterval, WebSocketClass = WebSocket }) {
    this.url = url;
    this.getState = getState;
    this.handlers = handlers;
    this.every = every;
    this.WebSocketClass = WebSocketClass;
  }

  get isOpen() {
    return this.#socket?.readyState === 1;
  }

  connect() {
    this.#isWanted = true;
    this.#dial();
  }

  disconnect() {
    this.#isWanted = false;
    this.#drop();
  }

  /** Dials at once, with a fresh socket: after sleep, or when the network is back. */
  redial() {
    if (!this.#isWanted) return;
    this.#drop();
    this.#retry.reset();
    this.#dial();
  }

  /**
   * @param {object} frame
   * @returns {boolean} Whether it was handed to an open socket; that is not yet an arrival.
   */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket?.send(JSON.stringify(frame));
    return true;
  }

  #dial() {
    const socket = new this.WebSocketClass(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#retry.reset();
      this.#endBeat = this.every(() => this.#sayAlive(), ALIVE_EVERY_MS);
      // What was kept comes first: it says whether the page was awake while it could not be heard.
      this.handlers.opened();
      this.#sayAlive();
    };
    socket.onmessage = ({ data }) => {
      const frame = parseFrame(data);
      if (frame) this.handlers.frame(frame);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#lost(code);
    };
  }

  #sayAlive() {
    this.send({ type: "alive", state: this.getState() });
  }

  /** @param {number} code */
  #lost(code) {
    this.#drop();
    if (code === SIGNED_OUT) {
      this.#isWanted = false;
      this.handlers.signedOut();
      return;
    }
    this.handlers.closed();
    if (!this.#isWanted) return;
    this.#retry.after(() => this.#dial());
  }

  #drop() {
    this.#retry.cancel();
    this.#endBeat();
    this.#endBeat = () => {};
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** @param {unknown} data */
function parseFrame(data) {
  try {
    const frame = JSON.parse(String(data));
    return typeof frame?.type === "string" ? frame : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
