// @ts-check
/** Asking Dog n Bone's server how far it is, both ways; and telling it what a test of the connection came to. */

import { makeUuid } from "./ids.js";

const SERVER_WITHIN_MS = 8_000;
const ECHO_WITHIN_MS = 5_000;
const TOLD_WITHIN_MS = 20_000;
const MOST_UNTOLD = 5;

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<{status: number, isOurs: boolean, milliseconds: number} | null>} Null where no answer came.
 */
export async function askServer(url, signal) {
  const since = performance.now();
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      // What leads elsewhere is not ours.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(SERVER_WITHIN_MS)]),
    });
    const answer = await response.json().catch(() => null);
    const isOurs = response.status === 401 ? typeof answer?.words === "string" : answer?.is_here === true;
    return { status: response.status, isOurs, milliseconds: performance.now() - since };
  } catch {
    return null;
  }
}

/**
 * @param {object} options
 * @param {string} options.url
 * @param {object} options.test
 * @param {string} options.csrfToken
 * @returns {Promise<boolean>} Whether there is nothing left to tell: it is kept, or will never be taken.
 */
export async function tellTest({ url, test, csrfToken }) {
  try {
    const { status } = await fetch(url, {
      method: "POST",
      body: JSON.stringify(test),
      headers: { "X-CSRFToken": csrfToken, "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TOLD_WITHIN_MS),
    });
    return status < 500 && status !== 401 && status !== 429;
  } catch {
    return false;
  }
}

/** A message over the page's own socket that the server sends back. */
export class Echo {
  /** @type {Map<string, () => void>} */
  #waiting = new Map();

  /** @param {{send: (frame: object) => boolean}} options Over the socket; whether it is open. */
  constructor({ send }) {
    this.send = send;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<{finding: "ok" | "closed" | "silent", milliseconds: number}>}
   */
  ask(signal) {
    const id = makeUuid();
    const since = performance.now();
    if (!this.send({ type: "echo", id })) return Promise.resolve({ finding: "closed", milliseconds: 0 });
    return new Promise((resolve) => {
      const settle = (/** @type {"ok" | "silent"} */ finding) => {
        clearTimeout(patience);
        this.#waiting.delete(id);
        resolve({ finding, milliseconds: performance.now() - since });
      };
      const patience = setTimeout(() => settle("silent"), ECHO_WITHIN_MS);
      signal.addEventListener("abort", () => settle("silent"), { once: true });
      this.#waiting.set(id, () => settle("ok"));
    });
  }

  /** @param {{type: string, [key: string]: any}} frame Any frame that the server sent. */
  heard(frame) {
    if (frame.type === "echo") this.#waiting.get(String(frame.id))?.();
  }
}

/** Tests that the server has not heard of yet: it may be what was found to be away. */
export class UntoldTests {
  /** @type {object[]} */
  #untold = [];
  #isTelling = false;

  /** @param {(test: object) => Promise<boolean>} tell Whether there is nothing left to tell. */
  constructor(tell) {
    this.tell = tell;
  }

  /** @param {object} test */
  async take(test) {
    this.#untold = [...this.#untold, test].slice(-MOST_UNTOLD);
    await this.flush();
  }

  /** The server is there, or there again. */
  async flush() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (this.#untold[0] && (await this.tell(this.#untold[0]))) this.#untold.shift();
    } finally {
      this.#isTelling = false;
    }
  }
}
