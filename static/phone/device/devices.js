// @ts-check
/**
 * Which microphone, loudspeaker and ring the person has chosen in this browser, and which of them are there now.
 *
 * A browser's name for a device changes: with cleared site data, in a private window, at another port. So a device is
 * remembered by all that is known of it, and found again by the first of these that fits: its id; its label and group;
 * its label. Nothing remembered means that the system decides, also when it changes its mind.
 *
 * @typedef {"microphone" | "speaker" | "ring"} Use
 * @typedef {"audioinput" | "audiooutput"} Kind
 *
 * @typedef {object} Known A device, as the browser describes it and as it is remembered.
 * @property {string} deviceId
 * @property {string} groupId The same for the microphone and the loudspeaker of one headset.
 * @property {string} kind
 * @property {string} label Empty until the page has been allowed a microphone.
 *
 * @typedef {object} Used What a choice comes to just now.
 * @property {string} deviceId `default` where the system decides.
 * @property {string} label For people; empty where there is no name for it.
 * @property {string} groupId
 * @property {boolean} isDefault The system decides.
 * @property {boolean} isAway The chosen one is not there.
 * @property {boolean} isThere There is any.
 */

export const DEFAULT = "default";
export const STORAGE_KEY = "dognbone.devices";
const VERSION = 1;
/** Not a device of its own: what the system calls by its use. */
const BY_USE = [DEFAULT, "communications"];

/** @type {Record<Use, Kind>} */
export const KINDS = { microphone: "audioinput", speaker: "audiooutput", ring: "audiooutput" };
export const USES = /** @type {Use[]} */ (Object.keys(KINDS));

/**
 * @template {Known} T
 * @param {Known} remembered
 * @param {T[]} devices
 * @returns {T | null}
 */
export function findDevice(remembered, devices) {
  const alike = devices.filter(({ kind }) => kind === remembered.kind);
  const byId = alike.find(({ deviceId }) => deviceId !== "" && deviceId === remembered.deviceId);
  if (byId || remembered.label === "") return byId ?? null;
  const named = alike.filter(({ label, deviceId }) => label === remembered.label && !BY_USE.includes(deviceId));
  return named.find(({ groupId }) => groupId === remembered.groupId) ?? named[0] ?? null;
}

/**
 * @param {Pick<Storage, "getItem">} storage
 * @returns {Partial<Record<Use, Known>>} Empty where nothing can be read.
 */
export function readChoices(storage) {
  /** @type {Partial<Record<Use, Known>>} */
  const choices = {};
  let kept;
  try {
    kept = JSON.parse(storage.getItem(STORAGE_KEY) ?? "null");
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof DOMException)) throw error;
  }
  if (kept?.version !== VERSION) return choices;
  for (const use of USES) if (isKnown(kept[use], KINDS[use])) choices[use] = kept[use];
  return choices;
}

/**
 * @param {any} kept
 * @param {Kind} kind
 */
function isKnown(kept, kind) {
  const texts = [kept?.deviceId, kept?.groupId, kept?.label];
  return kept?.kind === kind && texts.every((text) => typeof text === "string" && text.length <= 500);
}

/**
 * What a device is called, without the numbers of its maker that Chromium adds.
 * @param {string} label
 */
export function nameOf(label) {
  return label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, "").trim();
}

export class Devices {
  /** @type {Known[]} All that the browser lists. */
  list = [];
  /** @type {Partial<Record<Use, Known>>} */
  #choices;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** The newest look; an older one's answer is no news. */
  #looked = 0;

  /**
   * @param {object} options
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} options.storage
   * @param {() => MediaDevices | undefined} [options.getMediaDevices] None on a page that came without encryption.
   * @param {boolean} [options.canChooseOutput] Whether the browser lets a page say where it is heard.
   */
  constructor({
    storage,
    getMediaDevices = () => navigator.mediaDevices,
    canChooseOutput = typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype,
  }) {
    this.storage = storage;
    this.getMediaDevices = getMediaDevices;
    this.canChooseOutput = canChooseOutput;
    this.#choices = readChoices(storage);
  }

  /** Looks now, and whenever a device comes or goes. */
  begin() {
    this.getMediaDevices()?.addEventListener?.("devicechange", () => void this.refresh());
    return this.refresh();
  }

  /** @param {() => void} listener Devices have come or gone, or something was chosen. */
  heed(listener) {
    this.#listeners.add(listener);
  }

  async refresh() {
    const looked = (this.#looked += 1);
    const list = await listDevices(this.getMediaDevices());
    if (looked !== this.#looked) return;
    this.list = list.map(({ deviceId, groupId, kind, label }) => ({ deviceId, groupId, kind, label }));
    this.#remember();
    this.#tell();
  }

  /** Another tab of this browser has chosen. */
  reload() {
    this.#choices = readChoices(this.storage);
    this.#tell();
  }

  /** Whether the browser tells what its devices are called, which it does once it has given one. */
  get areNamed() {
    return this.list.some(({ kind, label }) => kind === "audioinput" && label !== "");
  }

  /**
   * @param {Use} use
   * @returns {Known[]} Those to choose from, beside the system's own choice.
   */
  offers(use) {
    return this.list.filter(({ kind, deviceId }) => kind === KINDS[use] && deviceId !== "" && deviceId !== DEFAULT);
  }

  /**
   * @param {Use} use
   * @param {string} deviceId `default` to let the system decide.
   */
  choose(use, deviceId) {
    const chosen = this.offers(use).find((device) => device.deviceId === deviceId);
    if (chosen) this.#choices[use] = chosen;
    else delete this.#choices[use];
    this.#store();
    this.#tell();
  }

  /**
   * @param {Use} use
   * @returns {Known | null} The one that is remembered, whether it is there or not.
   */
  chosen(use) {
    return this.#choices[use] ?? null;
  }

  /**
   * @param {Use} use
   * @returns {Used}
   */
  used(use) {
    const remembered = this.chosen(use);
    const found = remembered && findDevice(remembered, this.offers(use));
    const device = found ?? this.#systems(KINDS[use]);
    return {
      deviceId: found?.deviceId ?? DEFAULT,
      label: nameOf(device?.label ?? ""),
      groupId: device?.groupId ?? "",
      isDefault: !found,
      isAway: remembered !== null && !found,
      isThere: this.list.some(({ kind }) => kind === KINDS[use]),
    };
  }

  /**
   * @param {Use} use
   * @returns {string} What the system would use is called; empty where there is no name for it.
   */
  systems(use) {
    return nameOf(this.#systems(KINDS[use])?.label ?? "");
  }

  /**
   * Which microphone to ask the browser for, best first: one that is plugged out, or taken by another program, must
   * not leave a call without any.
   * @returns {MediaTrackConstraints[]}
   */
  candidates() {
    const { deviceId, isDefault } = this.used("microphone");
    const others = this.offers("microphone").filter((device) => !BY_USE.includes(device.deviceId));
    const exact = (/** @type {string} */ id) => ({ deviceId: { exact: id } });
    // Unnamed until the browser has given one: then an id is all there is to go by.
    const hoped = this.areNamed ? undefined : this.chosen("microphone")?.deviceId;
    const system = hoped ? { deviceId: { ideal: hoped } } : {};
    const first = isDefault ? [system] : [exact(deviceId), system];
    return [...first, ...others.filter((other) => other.deviceId !== deviceId).map((other) => exact(other.deviceId))];
  }

  /**
   * The device that the system prefers: browsers that list it by its use name it so, others list it first.
   * @param {Kind} kind
   */
  #systems(kind) {
    const alike = this.list.filter((device) => device.kind === kind);
    const own = alike.find(({ deviceId }) => deviceId === DEFAULT);
    if (!own) return alike[0] ?? null;
    const others = alike.filter(({ deviceId }) => !BY_USE.includes(deviceId));
    return others.find(({ groupId }) => groupId !== "" && groupId === own.groupId) ?? own;
  }

  /** A device that was found by its label has a new id: by that it is found at once next time. */
  #remember() {
    let isNew = false;
    for (const use of USES) {
      const remembered = this.chosen(use);
      const found = remembered && findDevice(remembered, this.offers(use));
      if (!found || found.label === "" || JSON.stringify(found) === JSON.stringify(remembered)) continue;
      this.#choices[use] = found;
      isNew = true;
    }
    if (isNew) this.#store();
  }

  #store() {
    try {
      if (Object.keys(this.#choices).length === 0) this.storage.removeItem(STORAGE_KEY);
      else this.storage.setItem(STORAGE_KEY, JSON.stringify({ version: VERSION, ...this.#choices }));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // No room, or storage is forbidden: the choice then lasts as long as the page does.
    }
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * @param {MediaDevices | undefined} mediaDevices
 * @returns {Promise<MediaDeviceInfo[]>}
 */
async function listDevices(mediaDevices) {
  try {
    return (await mediaDevices?.enumerateDevices?.()) ?? [];
  } catch {
    // A browser that will not tell has none to choose from.
    return [];
  }
}
