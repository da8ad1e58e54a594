// @ts-check
/**
 * Asking the browser for the microphone that the person has chosen: what it refused, that its question to the person
 * is open, and what is heard by now.
 *
 * @typedef {"" | "asking" | "waiting"} MicrophoneWait Nothing; the browser asks the person; it takes its time.
 *
 * @typedef {object} MicrophoneChoice
 * @property {() => MediaTrackConstraints[]} candidates Which microphone, best first; the last may be any.
 */

import { INSECURE_PAGE, refusalOf } from "./microphone-refusals.js";

/** A browser that need not ask answers sooner. */
const SOON_MS = 500;
/** Another microphone may do where the best one cannot be had for these. */
const OF_ONE_DEVICE = ["NotFoundError", "OverconstrainedError", "NotReadableError", "AbortError", "TrackStartError"];

export class Microphone {
  /** Why there was none when it was asked for last, by a verdict's name; empty where there was. */
  refusal = "";
  /** @type {MediaStream | null} The latest that was opened. */
  #stream = null;
  /** @type {(() => void) | null} */
  #heeds = null;
  /** @type {PermissionStatus | null} */
  #status = null;
  /** @type {object | null} The request that counts: the latest that is open. */
  #open = null;

  /**
   * @param {object} options
   * @param {(wait: MicrophoneWait) => void} [options.changed]
   * @param {(stream: MediaStream) => void} [options.opened]
   * @param {MicrophoneChoice} [options.choice] Whatever device is asked for, this decides.
   * @param {() => boolean} [options.isForbidden] The page's own policy has none for it.
   * @param {() => Navigator} [options.getNavigator]
   */
  constructor({
    changed = () => {},
    opened = () => {},
    choice = { candidates: () => [{}] },
    isForbidden = () => false,
    getNavigator = () => navigator,
  }) {
    this.changed = changed;
    this.opened = opened;
    this.choice = choice;
    this.isForbidden = isForbidden;
    this.getNavigator = getNavigator;
  }

  /** The stream that was opened last, while it still hears. */
  get live() {
    const isLive = this.#stream?.getAudioTracks().some(({ readyState }) => readyState === "live");
    return isLive ? this.#stream : null;
  }

  get isOpening() {
    return this.#open !== null;
  }

  /**
   * @param {MediaStreamConstraints} wanted
   * @returns {Promise<MediaStream>}
   * @throws Whatever the browser throws.
   */
  async open(wanted) {
    const request = {};
    this.#open = request;
    this.refusal = "";
    const soon = setTimeout(() => void this.#tellWait(request), SOON_MS);
    try {
      const stream = await this.#ask(wanted);
      this.#stream = stream;
      this.opened(stream);
      return stream;
    } catch (error) {
      this.refusal = await this.#refusalOf(error);
      throw error;
    } finally {
      clearTimeout(soon);
      if (this.#open === request) {
        this.#open = null;
        this.changed("");
      }
    }
  }

  /** @returns {Promise<string>} `granted`, `denied`, `prompt`; empty where the browser does not tell. */
  async permission() {
    try {
      const name = /** @type {PermissionName} */ ("microphone");
      return (await this.getNavigator().permissions.query({ name })).state;
    } catch {
      return "";
    }
  }

  /** @param {(() => void) | null} act Whenever the permission is changed, also in the browser's own settings. */
  async heedPermission(act) {
    this.#heeds = act;
    if (!act || this.#status) return;
    try {
      const name = /** @type {PermissionName} */ ("microphone");
      this.#status = await this.getNavigator().permissions.query({ name });
      this.#status.onchange = () => this.#heeds?.();
    } catch {
      // Not every browser tells.
    }
  }

  /** @param {MediaStreamConstraints} wanted */
  async #ask(wanted) {
    const { mediaDevices } = this.getNavigator();
    if (!mediaDevices) throw new DOMException("The page is not secure.", INSECURE_PAGE);
    /** @type {unknown} */
    let first;
    for (const device of this.choice.candidates()) {
      try {
        return await mediaDevices.getUserMedia(withDevice(wanted, device));
      } catch (error) {
        // One that is gone says nothing of why the others cannot be had.
        if (first === undefined || nameOf(first) === "OverconstrainedError") first = error;
        if (!OF_ONE_DEVICE.includes(nameOf(error))) break;
      }
    }
    throw first;
  }

  /** @param {unknown} error */
  async #refusalOf(error) {
    const message = error instanceof Error || error instanceof DOMException ? error.message : "";
    const permission = await this.permission();
    return refusalOf({ name: nameOf(error), message, permission, isForbidden: this.isForbidden() });
  }

  /** @param {object} request */
  async #tellWait(request) {
    const isAllowed = (await this.permission()) === "granted";
    if (this.#open === request) this.changed(isAllowed ? "waiting" : "asking");
  }
}

/**
 * @param {MediaStreamConstraints} wanted
 * @param {MediaTrackConstraints} device Empty for whichever the system prefers.
 * @returns {MediaStreamConstraints}
 */
function withDevice(wanted, device) {
  const { deviceId, groupId, ...sound } = typeof wanted.audio === "object" ? wanted.audio : {};
  const audio = { ...sound, ...device };
  return { ...wanted, audio: Object.keys(audio).length > 0 ? audio : true };
}

/** @param {unknown} error */
function nameOf(error) {
  return error instanceof Error || error instanceof DOMException ? error.name : "Error";
}
