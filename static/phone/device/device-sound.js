// @ts-check
/**
 * Which devices the SDK uses, kept to what the person has chosen: before a call, when another is chosen, and when one
 * goes or comes back in the middle of it.
 *
 * The microphone is opened by `microphone.js` alone, which knows the choice; so the SDK is only told to open it anew.
 *
 * @typedef {object} Outputs
 * @property {() => Set<{deviceId: string}>} get
 * @property {(deviceId: string) => Promise<unknown>} set
 *
 * @typedef {object} SdkAudio The SDK's, as far as it is used.
 * @property {boolean} isOutputSelectionSupported
 * @property {Map<string, unknown>} availableOutputDevices
 * @property {Map<string, unknown>} availableInputDevices
 * @property {{deviceId: string} | null} inputDevice
 * @property {Outputs} speakerDevices
 * @property {Outputs} ringtoneDevices
 * @property {(deviceId: string) => Promise<unknown>} setInputDevice
 * @property {(constraints: MediaTrackConstraints) => Promise<unknown>} setAudioConstraints
 * @property {() => Promise<unknown>} unsetInputDevice
 * @property {(event: any, act: () => void) => unknown} on
 */

import { newsOf } from "./sound-news.js";

/** @import { Devices, Use } from "./devices.js"; */
/** @import { Microphone } from "./microphone.js"; */
/** @import { Heard, Moment, News } from "./sound-news.js"; */

/** A headset comes and goes as several devices, one after the other: what is said of it is said once. */
const SETTLED_MS = 250;

export class DeviceSound {
  /** Loudspeakers that the browser would not use. @type {Set<Use>} */
  refused = new Set();
  /** Those that the SDK is setting. @type {Map<Use, string>} */
  #setting = new Map();
  #heedsRefused = () => {};
  /** @type {SdkAudio | null} */
  #audio = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isFollowing = false;
  #isTalking = false;
  #wasConnecting = false;
  /** For which of the devices the open microphone was opened. */
  #openedFor = { deviceId: "", groupId: "" };
  /** It could not be opened: asked again at once, it could not again. */
  #isInVain = false;
  /** The call as it was when last something was said of it. @type {Moment | null} */
  #last = null;

  /**
   * @param {object} options
   * @param {Devices} options.devices
   * @param {Pick<Microphone, "live" | "isOpening">} options.microphone The calls'.
   * @param {() => boolean} options.isTalking There is a call that has the microphone.
   * @param {() => boolean} options.isConnecting One is on its way.
   * @param {(news: News | null) => void} options.changed Null once the call is over.
   */
  constructor({ devices, microphone, isTalking, isConnecting, changed }) {
    this.devices = devices;
    this.microphone = microphone;
    this.isTalking = isTalking;
    this.isConnecting = isConnecting;
    this.changed = changed;
    devices.heed(() => {
      this.#isInVain = false;
      this.#soon();
    });
  }

  /** @param {() => void} act Whenever the browser would not use a loudspeaker, or does so now. */
  heedRefused(act) {
    this.#heedsRefused = act;
  }

  /** @param {SdkAudio | null | undefined} audio A new Device's. */
  attach(audio) {
    this.#audio = audio ?? null;
    this.#setting.clear();
    // The SDK looks by itself, and may see a device later than this page does.
    audio?.on("deviceChange", () => this.#soon());
    this.#soon();
  }

  /** @param {MediaStream} stream The microphone, which was opened. */
  opened(stream) {
    const { deviceId, groupId } = this.devices.used("microphone");
    this.#openedFor = { deviceId, groupId };
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", () => this.#soon());
    // What devices are called, the browser tells only now.
    if (!this.devices.areNamed) void this.devices.refresh();
  }

  /** The microphone was opened, by whomever, or could not be. */
  settled() {
    this.#soon();
  }

  /** A call has begun, gone on, or is over. */
  callChanged() {
    const isTalking = this.isTalking();
    const wasConnecting = this.#wasConnecting;
    this.#wasConnecting = this.isConnecting();
    if (wasConnecting && !this.#wasConnecting) this.#soon();
    if (isTalking === this.#isTalking) return;
    this.#isTalking = isTalking;
    if (isTalking) {
      this.#soon();
    } else {
      this.#last = null;
      this.changed(null);
      // What the SDK was told to open, it would keep open: no light of a microphone stays on after a call.
      this.#audio?.unsetInputDevice().catch(() => {});
    }
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#follow(), SETTLED_MS);
  }

  async #follow() {
    if (this.#isFollowing) {
      this.#soon();
      return;
    }
    this.#isFollowing = true;
    try {
      // Told so while a call connects, the SDK loses the sound's way, and never says that it is done.
      if (!this.isConnecting()) this.#useOutput("speaker", this.#audio?.speakerDevices);
      this.#useOutput("ring", this.#audio?.ringtoneDevices);
      await this.#useMicrophone();
      this.#tellNews();
    } finally {
      this.#isFollowing = false;
    }
  }

  /**
   * @param {Use} use
   * @param {Outputs | undefined} outputs
   */
  #useOutput(use, outputs) {
    const audio = this.#audio;
    if (!outputs || !audio?.isOutputSelectionSupported) return;
    const wanted = this.devices.used(use).deviceId;
    const isThere = audio.availableOutputDevices.has(wanted);
    // Where the system's own has no name of its own, it is the first.
    const id = isThere ? wanted : [...audio.availableOutputDevices.keys()][0];
    if (id === undefined || this.#isOn(outputs, id) || this.#setting.get(use) === id) return;
    this.#setting.set(use, id);
    const settled = (/** @type {boolean} */ isSet) => {
      if (this.#setting.get(use) === id) this.#setting.delete(use);
      if (isSet === !this.refused.has(use)) return;
      if (isSet) this.refused.delete(use);
      else this.refused.add(use);
      this.#heedsRefused();
    };
    // Not waited for: the rest does not hang on whether a loudspeaker plays.
    outputs.set(id).then(() => settled(true), () => settled(false));
  }

  /**
   * @param {Outputs} outputs
   * @param {string} id
   */
  #isOn(outputs, id) {
    const now = [...outputs.get()].map(({ deviceId }) => deviceId);
    return now.length === 1 && now[0] === id;
  }

  async #useMicrophone() {
    const audio = this.#audio;
    if (!audio || !this.isTalking() || this.microphone.isOpening || !this.#isToOpen()) return;
    const { deviceId, groupId } = this.devices.used("microphone");
    const known = audio.availableInputDevices;
    const id = known.has(deviceId) ? deviceId : [...known.keys()][0];
    if (id === undefined) return;
    this.#openedFor = { deviceId, groupId };
    try {
      // Told the device that it has, the SDK does nothing; told a constraint, it opens it anew.
      if (audio.inputDevice?.deviceId === id) await audio.setAudioConstraints({});
      else await audio.setInputDevice(id);
    } catch {
      // That nobody is heard is said below.
      this.#isInVain = true;
    }
  }

  #isToOpen() {
    const { deviceId, groupId, isThere } = this.devices.used("microphone");
    const was = this.#openedFor;
    const isSame = was.deviceId === deviceId && (was.groupId === groupId || !was.groupId || !groupId);
    return isThere && !this.#isInVain && !(isSame && this.microphone.live);
  }

  #tellNews() {
    if (!this.isTalking() || this.microphone.isOpening) return;
    const now = this.#moment();
    const news = this.#last && newsOf(this.#last, now);
    this.#last = now;
    if (news) this.changed(news);
  }

  /** @returns {Moment} */
  #moment() {
    const microphone = this.#heard("microphone");
    // One that is gone may seem to hear for some seconds more.
    const isHeard = this.microphone.live !== null && microphone.isThere;
    return { microphone, speaker: this.#heard("speaker"), isHeard };
  }

  /**
   * @param {Use} use
   * @returns {Heard}
   */
  #heard(use) {
    const { label, groupId, deviceId, isAway, isThere } = this.devices.used(use);
    return { label, groupId, deviceId, isAway, isThere, choice: this.devices.chosen(use)?.deviceId ?? "" };
  }
}
