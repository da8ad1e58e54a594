// @ts-check
/**
 * Twilio's Voice SDK, and the only module that says `Twilio`. Makes the Device, hears its events and
 * its calls', and passes them on in plain objects; decides nothing.
 *
 * @typedef {object} DeviceEvent
 * @property {string} sdkEvent As the SDK spells it.
 * @property {import("./device-events.js").Report["state"]} state
 * @property {number | null} code
 * @property {number | null} originalCode The gateway's own code, where the SDK has replaced it.
 * @property {string} message
 * @property {string | null} callId Where it is about one call.
 *
 * @typedef {object} CallNews
 * @property {string} id
 * @property {string} event
 * @property {"incoming" | "outgoing"} direction
 * @property {string} name
 * @property {string} address
 * @property {string} callSid
 * @property {number | null} [code]
 * @property {string} [message]
 * @property {boolean} [isMuted]
 * @property {boolean} [hasEarlyMedia]
 * @property {string} [warning]
 *
 * @typedef {object} DeviceHandlers
 * @property {(event: DeviceEvent) => void} device
 * @property {() => void} expiring The token is about to end.
 * @property {(news: CallNews) => void} call
 * @property {(id: string, input: number, output: number) => void} volume Each 0 to 1.
 */

/** @import { Call, Device, TwilioError } from "@twilio/voice-sdk"; */

/** @type {Record<string, DeviceEvent["state"]>} */
const states = {
  registering: "connecting",
  registered: "ready",
  unregistered: "offline",
  destroyed: "offline",
  error: "error",
};

/**
 * Which of Dog n Bone's own states an event of the SDK's Device stands for.
 * @param {string} sdkEvent
 */
export function stateOf(sdkEvent) {
  return states[sdkEvent] ?? "error";
}

const WARNING_EVENTS = ["warning", "warning-cleared"];

export class PhoneDevice {
  /** @type {Device | null} */
  #device = null;
  /** @type {Map<string, Call>} */
  #calls = new Map();
  #microphoneError = "";

  /**
   * @param {object} options
   * @param {DeviceHandlers} options.handlers
   * @param {Record<string, string>} options.sounds Addresses of our own, by the SDK's names.
   * @param {typeof import("@twilio/voice-sdk")} [options.sdk]
   */
  constructor({ handlers, sounds, sdk = Reflect.get(globalThis, "Twilio") }) {
    this.handlers = handlers;
    this.sounds = sounds;
    this.sdk = sdk;
  }

  get isRegistered() {
    return this.#device?.state === "registered";
  }

  /** The name of the browser's last refusal of a microphone, such as `NotFoundError`; empty for none. */
  get microphoneError() {
    return this.#microphoneError;
  }

  /** What support wants to know. */
  get facts() {
    return { version: this.sdk?.Device.version ?? "", edge: this.#device?.edge ?? "" };
  }

  /**
   * Makes a Device and begins to register it; what becomes of it arrives as events.
   *
   * @param {string} token
   * @param {Record<string, any>} options The server's; the page's own come last.
   */
  start(token, options) {
    this.stop();
    const device = new this.sdk.Device(token, {
      enableImprovedSignalingErrorPrecision: true,
      maxCallSignalingTimeoutMs: 30_000,
      tokenRefreshMs: 30_000,
      logLevel: "silent",
      ...options,
      sounds: { ...this.sounds, ...options.sounds },
      allowIncomingWhileBusy: true,
      closeProtection: "You are in a call.",
      getUserMedia: (/** @type {MediaStreamConstraints} */ wanted) => this.#openMicrophone(wanted),
    });
    this.#device = device;
    // First of all: an error that nobody listens for would be thrown.
    device.on("error", (error, call) => this.#tell(device, "error", error, call));
    for (const name of ["registering", "registered", "unregistered"]) {
      device.on(name, () => this.#tell(device, name));
    }
    device.on("tokenWillExpire", () => this.handlers.expiring());
    device.on("incoming", (call) => this.#take(call, "incoming"));
    // Its own ringing tone is played on answer; the page plays one while it rings.
    device.audio?.outgoing(false);
    // It rejects with undefined and may never settle: the events say all there is to know.
    device.register().catch(() => {});
  }

  /** Ends the Device and all its calls, without a word. */
  stop() {
    const device = this.#device;
    this.#device = null;
    device?.destroy();
    for (const [id, call] of this.#calls) this.#end(id, call, "disconnect");
  }

  /** @param {string} token */
  renew(token) {
    this.#device?.updateToken(token);
  }

  /**
   * @param {{to: string, callFrom: string, name: string}} options
   * @returns {Promise<string>} The call's id on this page.
   */
  async connect({ to, callFrom, name }) {
    if (!this.#device) throw new Error("There is no Device to call with.");
    const call = await this.#device.connect({ params: { To: to, CallFrom: callFrom } });
    return this.#take(call, "outgoing", { name, address: to });
  }

  /** @param {string} id */
  accept(id) {
    this.#calls.get(id)?.accept();
  }

  /** @param {string} id */
  reject(id) {
    this.#calls.get(id)?.reject();
  }

  /** @param {string} id */
  disconnect(id) {
    this.#calls.get(id)?.disconnect();
  }

  /**
   * @param {string} id
   * @param {boolean} isMuted
   */
  mute(id, isMuted) {
    this.#calls.get(id)?.mute(isMuted);
  }

  /**
   * @param {string} id
   * @param {string} digits
   */
  sendDigits(id, digits) {
    this.#calls.get(id)?.sendDigits(digits);
  }

  /** @param {MediaStreamConstraints} wanted */
  async #openMicrophone(wanted) {
    this.#microphoneError = "";
    try {
      return await navigator.mediaDevices.getUserMedia(wanted);
    } catch (error) {
      this.#microphoneError = error instanceof Error ? error.name : "Error";
      throw error;
    }
  }

  /**
   * @param {Device} device
   * @param {string} sdkEvent
   * @param {TwilioError.TwilioError} [error]
   * @param {Call} [call]
   */
  #tell(device, sdkEvent, error, call) {
    if (device !== this.#device) return;
    this.handlers.device({
      sdkEvent,
      state: stateOf(sdkEvent),
      code: error?.code ?? null,
      originalCode: gatewayCode(error),
      message: error?.message ?? "",
      callId: call ? this.#idOf(call) : null,
    });
  }

  /**
   * @param {Call} call
   * @param {"incoming" | "outgoing"} direction
   * @param {{name: string, address: string}} [other] Who is at the other end; read from the call if left out.
   */
  #take(call, direction, other = callerOf(call)) {
    const id = crypto.randomUUID();
    this.#calls.set(id, call);
    const tell = (/** @type {string} */ event, /** @type {Partial<CallNews>} */ more = {}) =>
      this.handlers.call({ id, event, direction, ...other, callSid: call.parameters.CallSid ?? "", ...more });
    call.on("error", (error) => {
      tell("error", { code: error.code, message: error.message });
      if (call.status() === "closed") this.#endSoon(id, call, "disconnect");
    });
    call.on("ringing", (hasEarlyMedia) => tell("ringing", { hasEarlyMedia }));
    for (const event of ["accept", "reconnecting", "reconnected"]) call.on(event, () => tell(event));
    for (const event of ["cancel", "reject", "disconnect"]) {
      call.on(event, () => this.#endSoon(id, call, event));
    }
    for (const event of WARNING_EVENTS) call.on(event, (warning) => tell(event, { warning }));
    call.on("mute", (isMuted) => tell("mute", { isMuted }));
    call.on("volume", (input, output) => this.handlers.volume(id, input, output));
    call.on("transportClose", () => this.#lostTransport(id, call));
    this.#ends.set(call, (event) => tell(event));
    tell(direction);
    return id;
  }

  /** @type {WeakMap<Call, (event: string) => void>} */
  #ends = new WeakMap();

  /**
   * A moment later, because the SDK says why a call has ended only after it has said that it has.
   *
   * @param {string} id
   * @param {Call} call
   * @param {string} event
   */
  #endSoon(id, call, event) {
    queueMicrotask(() => this.#end(id, call, event));
  }

  /**
   * @param {string} id
   * @param {Call} call
   * @param {string} event
   */
  #end(id, call, event) {
    if (!this.#calls.delete(id)) return;
    this.#ends.get(call)?.(event);
  }

  /**
   * Without a token to take the call back with, the SDK leaves the call closed but its sound on, says
   * nothing more about it, and refuses the next one until the Device is destroyed.
   *
   * @param {string} id
   * @param {Call} call
   */
  #lostTransport(id, call) {
    queueMicrotask(() => {
      if (call.status() !== "closed" || !this.#calls.has(id)) return;
      this.#end(id, call, "disconnect");
      const device = this.#device;
      if (device) this.#tell(device, "destroyed");
      this.stop();
    });
  }

  /** @param {Call} call */
  #idOf(call) {
    for (const [id, known] of this.#calls) if (known === call) return id;
    return "";
  }
}

/**
 * @param {TwilioError.TwilioError | undefined} error
 * @returns {number | null}
 */
function gatewayCode(error) {
  const code = /** @type {{code?: unknown} | undefined} */ (error?.originalError)?.code;
  return typeof code === "number" && Number.isInteger(code) && code >= 0 ? code : null;
}

/** @param {Call} call An incoming one. */
function callerOf(call) {
  const address = call.parameters.From ?? "";
  return { address, name: call.customParameters.get("display") || address.replace(/^client:/, "") };
}
