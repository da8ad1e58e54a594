// @ts-check
/**
 * Where tokens come from: the first with the page or from a request, each later one over the socket that is open
 * already, or from a request again where it is not, or says nothing.
 */

import { TokenRefused } from "./backend.js";

/** @import { Token } from "./backend.js"; */

/** The server may have to ask Twilio before it answers. */
const PATIENCE_MS = 8_000;
/** A page that was asleep before it began had better ask for another. */
const FIRST_GOOD_FOR_MS = 60_000;
/** A verdict that is never the answer to a renewal. */
const NO_ANSWER = "device_silent";

export class TokenSource {
  /** Milliseconds by which the server's clock is ahead of this browser's. */
  serverAhead = 0;
  /** @type {Promise<{type: string, [key: string]: any} | null> | null} */
  #asked = null;
  /** @type {(frame: {type: string, [key: string]: any} | null) => void} */
  #answer = () => {};

  /**
   * @param {object} options
   * @param {() => Promise<Token>} options.fetchToken With a request.
   * @param {(frame: object) => boolean} options.send Over the socket; whether it is open.
   * @param {Token | null} [options.first] What came with the page; it is used once.
   */
  constructor(options) {
    this.options = options;
    this.first = options.first ?? null;
    this.firstUntil = Date.now() + FIRST_GOOD_FOR_MS;
  }

  /**
   * @returns {Promise<Token>}
   * @throws {TokenRefused | import("./backend.js").ServerUnreachable}
   */
  async fetch() {
    const token = this.#takeFirst() ?? (await this.options.fetchToken());
    this.serverAhead = token.serverNow - Date.now();
    return token;
  }

  /**
   * @returns {Promise<Token>}
   * @throws {TokenRefused | import("./backend.js").ServerUnreachable} Refused over the socket without the
   *   verdict, which is a frame like any other and shown as such.
   */
  async renew() {
    const frame = await (this.#asked ?? this.#ask());
    if (!frame) return this.fetch();
    if (frame.type === "verdict") throw new TokenRefused(0, null, 0);
    const { token, token_kind, identity, expires_at, device } = frame;
    return { token, token_kind, identity, expires_at, device, serverNow: Date.now() + this.serverAhead };
  }

  /** @param {{type: string, [key: string]: any}} frame Any frame that the server sent. */
  heard(frame) {
    const isToken = frame.type === "token" && typeof frame.token === "string";
    if (isToken || (frame.type === "verdict" && frame.verdict?.code !== NO_ANSWER)) this.#answer(frame);
  }

  /** The socket is lost, and with it the answer. */
  lost() {
    this.#answer(null);
  }

  #takeFirst() {
    const { first } = this;
    this.first = null;
    return Date.now() < this.firstUntil ? first : null;
  }

  /** @returns {Promise<{type: string, [key: string]: any} | null>} The answer; null where none came. */
  #ask() {
    if (!this.options.send({ type: "renew" })) return Promise.resolve(null);
    this.#asked = new Promise((resolve) => {
      const patience = setTimeout(() => this.#answer(null), PATIENCE_MS);
      this.#answer = (frame) => {
        clearTimeout(patience);
        this.#answer = () => {};
        this.#asked = null;
        resolve(frame);
      };
    });
    return this.#asked;
  }
}
