// @ts-check
/**
 * Tones sent during a call: what of a text can be sent, and in which rhythm. The SDK forgets a tone that still
 * waits when the next is handed to it, so each is given the time that it takes.
 */

const TONE = /^[0-9*#]$/;
/** A tone lasts 160 ms and the silence after it 70 ms. */
const TONE_MS = 250;
/** As the telephone's comma, and as Twilio's own `w`. https://www.twilio.com/docs/voice/sdks/javascript/twiliocall#callsenddigitsdigits */
const PAUSES_MS = /** @type {Record<string, number>} */ ({ ",": 2_000, w: 500 });

/**
 * @param {string} text As typed or pasted, such as `1234,,56#`.
 * @returns {string} Digits, `*`, `#`, and for pauses `,` and `w`; empty where there is anything else.
 */
export function readDigits(text) {
  const bare = text.normalize("NFKC").replace(/[\s\p{Cf}.()/\-–]/gu, "");
  const digits = bare.replace(/[;pP]/g, ",").replace(/W/g, "w");
  return /^[0-9*#,w]+$/.test(digits) && /[0-9*#]/.test(digits) ? digits : "";
}

export class DigitQueue {
  /** @type {string[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** Whom those are for that wait. */
  #hearer = "";

  /**
   * @param {object} options
   * @param {(digit: string) => void} options.send One tone, at once.
   * @param {() => string} options.getHearer Who would hear one now: a name of any kind, empty for nobody.
   */
  constructor({ send, getHearer }) {
    this.send = send;
    this.getHearer = getHearer;
  }

  /** @param {string} digits As `readDigits` gives them. */
  push(digits) {
    const hearer = this.getHearer();
    if (hearer !== this.#hearer) this.clear();
    this.#hearer = hearer;
    if (!hearer) return;
    this.#waiting.push(...digits);
    if (this.#timer === undefined) this.#next();
  }

  /** The call is over: what still waits was meant for it. */
  clear() {
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #next() {
    this.#timer = undefined;
    // A PIN that was meant for one is nothing for another to hear.
    if (this.getHearer() !== this.#hearer) return this.clear();
    const digit = this.#waiting.shift();
    if (digit === undefined) return;
    const isTone = TONE.test(digit);
    this.#timer = setTimeout(() => this.#next(), isTone ? TONE_MS : (PAUSES_MS[digit] ?? 0));
    if (isTone) this.send(digit);
  }
}
