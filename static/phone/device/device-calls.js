// @ts-check
/**
 * The calls of the SDK's Device: each gets an id of the page's, and its events are passed on in plain
 * objects until it is over, which is said once.
 *
 * @typedef {object} CallNews
 * @property {string} id
 * @property {string} event As the SDK spells it; `incoming` or `outgoing` for a call that is new.
 * @property {"incoming" | "outgoing"} direction
 * @property {string} name
 * @property {string} address
 * @property {string} [called] Which number of ours was called; empty for none.
 * @property {string} [calledName] What the account calls that number.
 * @property {boolean} [isEcho] It is an echo test: there is nobody at the other end.
 * @property {string} [attestation] What the caller's carrier vouches for, in words.
 * @property {string} [rungBy] The Call that rings this one, by Twilio's name.
 * @property {string} callSid Empty until Twilio has named the call.
 * @property {number | null} [code]
 * @property {number | null} [originalCode] The gateway's own code, where the SDK has replaced it.
 * @property {string} [message]
 * @property {boolean} [isMuted]
 * @property {boolean} [hasEarlyMedia]
 * @property {string} [warning]
 *
 * @typedef {object} Known One call.
 * @property {Call} call
 * @property {string} direction
 * @property {(event: string, more?: Partial<CallNews>) => void} tell
 * @property {SoundFigures} sound
 * @property {boolean} isReconnecting
 * @property {boolean} isExplained It is told why it ends: by an error, or because it was hung up here.
 *
 * @typedef {object} CallHandlers
 * @property {(news: CallNews) => void} call
 * @property {(id: string, input: number, output: number) => void} volume Each 0 to 1.
 * @property {(id: string, sample: Sample) => void} sample Once a second, how the call sounds.
 */

import { makeUuid } from "../relay/ids.js";
import { gatewayCode } from "./refusals.js";
import { SoundFigures } from "./sound-figures.js";

/** @import { Call } from "@twilio/voice-sdk"; */
/** @import { Figures, Sample } from "./sound-figures.js"; */

const ENDINGS = ["cancel", "reject", "disconnect"];
/** SignalingErrors.ConnectionDisconnected. */
const LOST = { code: 53001, originalCode: null, message: "The connection to Twilio is gone" };

export class DeviceCalls {
  /** @type {Map<string, Known>} */
  #calls = new Map();
  /** @type {number | null} Milliseconds to Twilio and back, as last measured in a call. */
  roundTrip = null;

  /**
   * @param {object} options
   * @param {CallHandlers} options.handlers
   * @param {() => void} options.stranded A call is lost in a way that leaves the whole Device unusable.
   */
  constructor({ handlers, stranded }) {
    this.handlers = handlers;
    this.stranded = stranded;
  }

  /**
   * @param {Call} call
   * @param {"incoming" | "outgoing"} direction
   * @param {{name: string, address: string, isEcho?: boolean}} [other] Who is at the other end; read from the call if left out.
   * @returns {string} Its id.
   */
  take(call, direction, other = callerOf(call)) {
    const id = makeUuid();
    const tell = (/** @type {string} */ event, /** @type {Partial<CallNews>} */ more = {}) =>
      this.handlers.call({
        id,
        event,
        direction,
        ...other,
        callSid: call.parameters.CallSid ?? "",
        ...more,
      });
    const known = { call, direction, tell, sound: new SoundFigures(), isReconnecting: false, isExplained: false };
    this.#calls.set(id, known);
    this.#listen(id, known);
    tell(direction);
    return id;
  }

  /**
   * @param {string} id
   * @param {Known} known
   */
  #listen(id, known) {
    const { call, tell } = known;
    call.on("error", (error) => {
      known.isExplained = true;
      tell("error", { code: error.code, originalCode: gatewayCode(error), message: error.message });
      if (call.status() === "closed") this.#endSoon(id, "disconnect");
    });
    for (const event of ENDINGS) call.on(event, () => this.#endSoon(id, event));
    call.on("accept", () => tell("accept"));
    call.on("reconnecting", (error) => {
      known.isReconnecting = true;
      tell("reconnecting", { code: error?.code ?? null, message: error?.message ?? "" });
    });
    call.on("reconnected", () => {
      known.isReconnecting = known.isExplained = false;
      tell("reconnected");
    });
    for (const event of ["warning", "warning-cleared"]) {
      call.on(event, (warning) => tell(event, { warning }));
    }
    call.on("ringing", (hasEarlyMedia) => tell("ringing", { hasEarlyMedia }));
    call.on("mute", (isMuted) => tell("mute", { isMuted }));
    call.on("volume", (input, output) => this.handlers.volume(id, input, output));
    call.on("sample", (sample) => {
      known.sound.take(sample);
      this.roundTrip = sample.rtt ?? this.roundTrip;
      this.handlers.sample(id, sample);
    });
    call.on("transportClose", () => this.#lostTransport(id, call));
  }

  /** @param {string} id */
  get(id) {
    return this.#calls.get(id)?.call;
  }

  /** Whether one of them has the microphone for good: one that is being answered is still to get it. */
  get isTalking() {
    return [...this.#calls.values()].some(({ call, direction }) => {
      const status = call.status();
      return direction === "outgoing" ? status !== "closed" : ["open", "reconnecting"].includes(status);
    });
  }

  /** Whether one of them is on its way: what it is heard on is not to be changed before it is there. */
  get isConnecting() {
    return [...this.#calls.values()].some(({ call }) => ["connecting", "ringing"].includes(call.status()));
  }

  /**
   * @param {string} id
   * @returns {Figures | null} How it sounds, as far as it is known.
   */
  figuresOf(id) {
    return this.#calls.get(id)?.sound.figures ?? null;
  }

  /** @param {string} id */
  hangUp(id) {
    const known = this.#calls.get(id);
    if (!known) return;
    known.isExplained = true;
    known.call.disconnect();
  }

  /** @param {Call} call */
  idOf(call) {
    for (const [id, known] of this.#calls) if (known.call === call) return id;
    return "";
  }

  /**
   * Gives up what rings here without declining it: the SDK rejects it when its Device is destroyed, and
   * to Twilio a rejected call is busy on all pages of the person's.
   */
  letRing() {
    for (const [id, { call }] of [...this.#calls]) {
      if (call.status() !== "pending") continue;
      call.ignore();
      this.#end(id, "cancel");
    }
  }

  endAll() {
    for (const id of [...this.#calls.keys()]) this.#end(id, "disconnect");
  }

  /**
   * A moment later, because the SDK says why a call has ended only after it has said that it has.
   *
   * @param {string} id
   * @param {string} event
   */
  #endSoon(id, event) {
    queueMicrotask(() => {
      const known = this.#calls.get(id);
      // It ended while the SDK was getting it back, and nobody has hung up here.
      if (event === "disconnect" && known?.isReconnecting && !known.isExplained) known.tell("error", LOST);
      this.#end(id, event);
    });
  }

  /**
   * @param {string} id
   * @param {string} event
   */
  #end(id, event) {
    const known = this.#calls.get(id);
    this.#calls.delete(id);
    known?.tell(event);
  }

  /**
   * Without a token to take the call back with, the SDK leaves the call closed but its sound on, says
   * nothing more about it, and refuses the next one until the Device is destroyed. So why it has ended is
   * said here, in the SDK's own code for it: nobody has hung up.
   *
   * @param {string} id
   * @param {Call} call
   */
  #lostTransport(id, call) {
    queueMicrotask(() => {
      const known = this.#calls.get(id);
      if (call.status() !== "closed" || !known) return;
      known.tell("error", LOST);
      this.#end(id, "disconnect");
      this.stranded();
    });
  }
}

/**
 * Who calls, and what the server says of the call. Twilio's word for a withheld number is no address.
 * @param {Call} call An incoming one.
 */
function callerOf(call) {
  const told = (/** @type {string} */ name) => call.customParameters.get(name) ?? "";
  // Twilio takes no stranger's number for one that we have rung ourselves.
  const address = told("withheld") ? "" : told("caller") || (call.parameters.From ?? "");
  return {
    address,
    name: told("display") || address.replace(/^client:/, ""),
    called: told("called"),
    calledName: told("called_name"),
    attestation: told("attestation"),
    rungBy: told("call"),
  };
}
