// @ts-check
/** Renews the token by our own clock, between calls, and whenever the SDK asks. */

import { TokenRefused } from "../relay/backend.js";
import { Retry } from "../relay/backoff.js";
import { lifetimeOf, renewalDelay } from "./token-clock.js";

/** @import { Token } from "../relay/backend.js"; */

const LOOK_FOR_THE_END_OF_A_CALL_MS = 5_000;
const RETRY_PAUSES = { base: 30_000, cap: 120_000 };

export class Renewal {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #retry = new Retry(RETRY_PAUSES);
  /** A renewal that has been overtaken must not reach a Device it was not meant for. */
  #generation = 0;

  /**
   * @param {object} options
   * @param {() => Promise<Token>} options.renewToken
   * @param {(token: string) => void} options.renewed
   * @param {(refusal: TokenRefused) => void} options.refused It is tried again all the same.
   * @param {() => boolean} options.isInCall
   */
  constructor(options) {
    this.options = options;
  }

  /** @param {Token} token The one that the Device has now. */
  plan(token) {
    this.stop();
    this.#retry.reset();
    const lifetime = lifetimeOf({ expiresAt: token.expires_at, serverNow: token.serverNow });
    // Without a date that can be read, the SDK's own event must do.
    if (lifetime > 0) this.#timer = setTimeout(() => this.#betweenCalls(), renewalDelay(lifetime));
  }

  stop() {
    this.#generation += 1;
    clearTimeout(this.#timer);
    this.#retry.cancel();
  }

  /** At once, in a call too: the token is about to end. */
  async now() {
    this.stop();
    const generation = this.#generation;
    try {
      const token = await this.options.renewToken();
      if (generation !== this.#generation) return;
      this.options.renewed(token.token);
      this.plan(token);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#retry.after(() => void this.now());
      if (error instanceof TokenRefused) this.options.refused(error);
    }
  }

  /** A new token in a call makes the SDK negotiate that call anew: better between two. */
  #betweenCalls() {
    if (!this.options.isInCall()) void this.now();
    else this.#timer = setTimeout(() => this.#betweenCalls(), LOOK_FOR_THE_END_OF_A_CALL_MS);
  }
}
