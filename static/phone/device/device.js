// @ts-check
/**
 * Twilio's Voice SDK, and the only module that says `Twilio`. Makes the Device, hears its events, and
 * passes them on in plain objects; decides nothing.
 *
 * @typedef {object} DeviceEvent
 * @property {string} sdkEvent As the SDK spells it.
 * @property {Report["state"]} state
 * @property {number | null} code
 * @property {number | null} originalCode The gateway's own code, where the SDK has replaced it.
 * @property {string} message
 * @property {string | null} callId Where it is about one call.
 *
 * @typedef {object} OwnHandlers
 * @property {(event: DeviceEvent) => void} device
 * @property {() => void} expiring The token is about to end.
 * @property {(wait: MicrophoneWait) => void} microphone What the browser's microphone is waited for.
 * @property {(news: News | null) => void} sound A device went, came back or was changed in a call; null once it is over.
 *
 * @typedef {OwnHandlers & CallHandlers} DeviceHandlers
 */

import { DeviceCalls } from "./device-calls.js";
import { DeviceSound } from "./device-sound.js";
import { Microphone } from "./microphone.js";
import { PeerConnections } from "./peer-connections.js";
import { gatewayCode } from "./refusals.js";
import { Sounds } from "./sounds.js";
import { TestLine } from "./test-line.js";
import { makeMurmur } from "./test-sound.js";

/** @import { Call, Device, TwilioError } from "@twilio/voice-sdk"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { CallHandlers, CallNews } from "./device-calls.js"; */
/** @import { Devices } from "./devices.js"; */
/** @import { MicrophoneWait } from "./microphone.js"; */
/** @import { News } from "./sound-news.js"; */
/** @import { Way } from "./peer-connections.js"; */
/** @import { Codes } from "./refusals.js"; */
/** @import { Figures } from "./sound-figures.js"; */
/** @import { LineOutcome } from "./test-findings.js"; */

/** By this the server knows an echo test (`phone/echo_tests/twiml.py`). */
const ECHO_MARK = { ConnectionTest: "echo" };

/** @type {Record<string, Report["state"]>} */
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

/**
 * @param {DeviceEvent} event
 * @returns {Report} As the relay takes it.
 */
export function reportOf({ state, sdkEvent, callId, code, originalCode, message }) {
  return {
    state,
    sdk_event: callId === null ? sdkEvent : `call.${sdkEvent}`,
    code,
    original_code: originalCode,
    message,
  };
}

export class PhoneDevice {
  /** @type {Device | null} */
  #device = null;
  /** @type {{token: string, options: Record<string, any>} | null} The last that a Device was made with. */
  #issued = null;
  #connections = new PeerConnections();
  /** @type {typeof import("@twilio/voice-sdk") | undefined} */
  #given;

  /**
   * @param {object} options
   * @param {DeviceHandlers} options.handlers
   * @param {Record<string, string>} options.sounds Addresses of our own, by the SDK's names.
   * @param {Devices} options.devices What the person has chosen to talk and hear with.
   * @param {() => boolean} [options.isForbidden] The page's own policy has no microphone for it.
   * @param {typeof import("@twilio/voice-sdk")} [options.sdk]
   */
  constructor({ handlers, sounds, devices, isForbidden = () => false, sdk }) {
    this.handlers = handlers;
    this.addresses = sounds;
    this.sounds = new Sounds();
    this.#given = sdk;
    this.microphone = new Microphone({
      changed: (wait) => this.#waits(wait),
      opened: (stream) => this.sound.opened(stream),
      choice: devices,
      isForbidden,
    });
    this.calls = new DeviceCalls({
      handlers: { ...handlers, call: (news) => this.#tellCall(news) },
      stranded: () => this.#giveUp(),
    });
    this.sound = new DeviceSound({
      devices,
      microphone: this.microphone,
      isTalking: () => this.calls.isTalking,
      isConnecting: () => this.calls.isConnecting,
      changed: (news) => handlers.sound(news),
    });
  }

  /** @returns {typeof import("@twilio/voice-sdk")} As it is now: it may come after the phone's own script. */
  get sdk() {
    return this.#given ?? Reflect.get(globalThis, "Twilio");
  }

  get isSdkHere() {
    return this.sdk !== undefined;
  }

  get isRegistered() {
    return this.#device?.state === "registered";
  }

  /** The SDK's own. */
  get version() {
    return this.sdk?.Device.version ?? "";
  }

  /** Twilio's edge that the Device is or was last registered at; empty where there was none. */
  get edge() {
    return this.#device?.edge ?? "";
  }

  /** Whether the gateway has taken the token on the socket that is open now. */
  get isConnected() {
    return Boolean(this.#device?.edge);
  }

  /** Whether this browser has WebRTC; an extension or a policy may have taken it away. */
  get canCarrySound() {
    return this.sdk.Device.isSupported !== false;
  }

  /** Why a call had no microphone last, by the name of the verdict on it; empty where it had one. */
  get microphoneRefusal() {
    return this.microphone.refusal;
  }

  /** What is heard of this side in the call that has the microphone; null where there is none. */
  get callStream() {
    return this.calls.isTalking ? this.microphone.live : null;
  }

  /** Whether the page came encrypted, or from this machine: browsers give no other a microphone. */
  get isSecure() {
    return globalThis.isSecureContext !== false;
  }

  /** Whether the server has given a token since the page was opened. */
  get hasToken() {
    return this.#issued !== null;
  }

  /**
   * Makes a Device and begins to register it; what becomes of it arrives as events.
   *
   * @param {string} token
   * @param {Record<string, any>} options The server's; the page's own come last.
   */
  start(token, options) {
    this.stop();
    this.#issued = { token, options };
    const device = new this.sdk.Device(token, {
      ...this.#build(options, this.#connections, this.sounds),
      allowIncomingWhileBusy: true,
      getUserMedia: (/** @type {MediaStreamConstraints} */ wanted) => this.microphone.open(wanted),
    });
    this.#device = device;
    // First of all: an error that nobody listens for would be thrown.
    device.on("error", (error, call) => this.#tell(device, "error", error, call));
    for (const name of ["registering", "registered", "unregistered"]) {
      device.on(name, () => this.#tell(device, name));
    }
    device.on("tokenWillExpire", () => this.handlers.expiring());
    device.on("incoming", (call) => this.calls.take(call, "incoming"));
    // Its own ringing tone is played on answer; the page plays one while it rings.
    device.audio?.outgoing(false);
    this.sound.attach(device.audio);
    // It rejects with undefined and may never settle: the events say all there is to know.
    device.register().catch(() => {});
  }

  /**
   * @param {Record<string, any>} options The server's.
   * @param {PeerConnections} connections
   * @param {Sounds} sounds
   */
  #build(options, { Class }, sounds) {
    return {
      enableImprovedSignalingErrorPrecision: true,
      logLevel: /** @type {const} */ ("silent"),
      ...options,
      sounds: { ...this.addresses, ...options.sounds },
      .../** @type {object} */ ({ Sound: sounds.Sound }),
      ...(Class && { RTCPeerConnection: Class }),
    };
  }

  /** Ends the Device, without a word, and all its calls; one that rings here rings on elsewhere. */
  stop() {
    const device = this.#device;
    this.letRing();
    this.#device = null;
    device?.destroy();
    this.sounds.forget();
    this.calls.endAll();
  }

  /** Gives up what rings here without declining it, also what the SDK shows only once its ringing tone plays. */
  letRing() {
    this.calls.letRing();
    for (const call of this.#device?.calls ?? []) if (call.status() === "pending") call.ignore();
  }

  /** @param {string} token */
  renew(token) {
    if (this.#issued) this.#issued = { ...this.#issued, token };
    this.#device?.updateToken(token);
  }

  /**
   * @param {{to: string, callFrom: string, name: string, isEcho?: boolean}} options `isEcho`: nobody is called, and
   *   whoever speaks hears themselves.
   */
  async connect({ to, callFrom, name, isEcho = false }) {
    if (!this.#device) throw new Error("There is no Device to call with.");
    const call = await this.#device.connect({ params: isEcho ? ECHO_MARK : { To: to, CallFrom: callFrom } });
    this.calls.take(call, "outgoing", { name, address: to, isEcho });
  }

  /** @param {MicrophoneWait} wait */
  #waits(wait) {
    this.handlers.microphone(wait);
    if (wait === "") this.sound.settled();
  }

  /** @param {CallNews} news */
  #tellCall(news) {
    this.handlers.call(news);
    this.sound.callChanged();
  }

  /**
   * Tests the way to Twilio by a call that reaches nobody; a murmur is heard there in place of the microphone.
   * @param {{codes: Codes, signal: AbortSignal}} options
   * @returns {Promise<LineOutcome>}
   */
  async testLine(options) {
    const murmur = await makeMurmur();
    const connections = new PeerConnections();
    const own = { closeProtection: false, ...(murmur && { fileInputStream: murmur.stream }) };
    try {
      if (!this.#issued) throw new Error("There is no token to test a line with.");
      const { token, options: issued } = this.#issued;
      const device = new this.sdk.Device(token, { ...this.#build(issued, connections, new Sounds()), ...own });
      return await new TestLine({ device, connections, ...options }).test();
    } finally {
      murmur?.end();
    }
  }

  /**
   * @param {string} id Of a call that goes on.
   * @returns {Promise<{figures: Figures | null, way: Way | null}>} How it sounds, and which way its sound goes.
   */
  async getCallSound(id) {
    return { figures: this.calls.figuresOf(id), way: await this.#connections.getWay() };
  }

  #giveUp() {
    if (this.#device) this.#tell(this.#device, "destroyed");
    this.stop();
  }

  /**
   * @param {Device} device
   * @param {string} sdkEvent
   * @param {TwilioError.TwilioError} [error]
   * @param {Call} [call]
   */
  #tell(device, sdkEvent, error, call) {
    if (device !== this.#device) return;
    if (sdkEvent === "registered") this.sounds.fetch();
    this.handlers.device({
      sdkEvent,
      state: stateOf(sdkEvent),
      code: error?.code ?? null,
      originalCode: gatewayCode(error),
      message: error?.message ?? "",
      callId: call ? this.calls.idOf(call) : null,
    });
  }
}
