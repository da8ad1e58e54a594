// @ts-check
/**
 * "Devices and sound" of the settings: what one talks, hears and is rung with, how loud the microphone is, and why
 * there is none. The microphone is open only while this is looked at.
 *
 * @typedef {object} SoundHandlers
 * @property {Devices} devices
 * @property {Pick<DeviceSound, "refused" | "heedRefused">} sound
 * @property {Record<string, Verdict>} verdicts
 * @property {Recorder} recorder
 * @property {() => boolean} isForbidden The page's own policy has no microphone for it.
 * @property {() => boolean} isTalking A call has the microphone.
 * @property {() => boolean} isMuted In that call.
 * @property {() => MediaStream | null} getCallStream
 */

import { KINDS, USES, nameOf } from "../device/devices.js";
import { LevelMeter } from "../device/level-meter.js";
import { Microphone } from "../device/microphone.js";
import { playOn } from "../device/outputs.js";
import { drawLevel, restMeter } from "./meter.js";
import { markCause, part, setText } from "./parts.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { DeviceSound } from "../device/device-sound.js"; */
/** @import { Devices, Known, Use } from "../device/devices.js"; */
/** @import { Level } from "../device/level-meter.js"; */
/** @import { Recorder } from "../device/recorder.js"; */
/** @import { Verdict } from "../relay/backend.js"; */

const AWAY = "away";
/** As loud as somebody who speaks, and as quiet as a microphone that is switched off. */
const [SPOKEN, SILENT] = [35, 10];
const SILENT_FOR_MS = 6_000;
const RECORDED_MS = 4_000;

const HEARD = gettext("This microphone hears you.");
const NOT_HEARD = gettext("Nothing is heard from this microphone. Is it switched off, or muted on the headset itself?");
const OF_CALL = gettext("This is what the other side of your call hears.");
const MUTED = gettext("You are muted in your call: the other side hears nothing.");
const NO_SOUND = gettext("The browser made no sound. Is this page muted, or forbidden to play sound?");
const ELSEWHERE = gettext("It could not be played there, so it was played on the system’s own loudspeaker.");
const IN_CALL = gettext("Not during a call.");
const ALLOW = gettext("Allow the microphone");

/** @param {SoundHandlers} handlers */
export function followSoundPane(handlers) {
  /** @type {SoundPane | null} */
  let shown = null;
  const begin = () => {
    const place = document.querySelector("#pane [data-sound]");
    if (place === shown?.place) return;
    shown?.end();
    shown = place instanceof HTMLElement ? new SoundPane(place, handlers) : null;
  };
  document.addEventListener("pane-shown", begin);
  document.addEventListener("visibilitychange", () => shown?.look());
  addEventListener("pagehide", () => shown?.rest());
  handlers.devices.heed(() => shown?.devicesChanged());
  handlers.sound.heedRefused(() => shown?.devicesChanged());
  begin();
}

class SoundPane {
  #microphone;
  #meter;
  /** Since when it has been silent, in the same microphone. */
  #silentSince = 0;
  /** Whoever was heard once, and then says nothing, has no microphone that is switched off. */
  #wasHeard = false;
  #isRecording = false;
  #usedMicrophone = "";

  /**
   * @param {HTMLElement} place
   * @param {SoundHandlers} handlers
   */
  constructor(place, handlers) {
    this.place = place;
    this.handlers = handlers;
    const { devices, isForbidden, isTalking, getCallStream } = handlers;
    this.#microphone = new Microphone({ choice: devices, isForbidden, opened: () => void devices.refresh() });
    this.#meter = new LevelMeter({
      microphone: this.#microphone,
      isTalking,
      getCallStream,
      changed: (level) => this.#measured(level),
      failed: () => this.#drawRefusal(this.#microphone.refusal),
    });
    for (const use of USES) {
      const select = this.#select(use);
      select.addEventListener("change", () => devices.choose(use, select.value));
    }
    this.#hear("allow", () => this.#allow());
    this.#hear("test-sound", () => this.#play(this.place.dataset.testSound ?? "", "speaker"));
    this.#hear("test-ring", () => this.#play(this.place.dataset.ringSound ?? "", "ring"));
    this.#hear("hear-yourself", () => this.#hearYourself());
    void this.#microphone.heedPermission(() => this.look());
    this.#draw();
    this.look();
  }

  /** Begins to measure where that asks the person nothing; rests while nobody looks. */
  look() {
    if (!this.place.isConnected) return;
    if (document.hidden) this.rest();
    else void this.#lookAtPermission();
  }

  /** The microphone is given back. */
  rest() {
    this.#meter.stop();
    restMeter(part("meter", this.place));
  }

  /** The pane is left. */
  end() {
    this.rest();
    void this.#microphone.heedPermission(null);
    if (this.#isRecording) void this.handlers.recorder.stop().catch(() => null);
  }

  devicesChanged() {
    this.#draw();
    const { deviceId, groupId } = this.handlers.devices.used("microphone");
    const used = `${deviceId} ${groupId}`;
    if (used === this.#usedMicrophone) return;
    this.#usedMicrophone = used;
    this.#silentSince = performance.now();
    this.#wasHeard = false;
    void this.#meter.change();
    // One that was missing may be there now.
    if (this.#microphone.refusal) this.look();
  }

  async #lookAtPermission() {
    if (!navigator.mediaDevices) {
      this.#drawRefusal("microphone_insecure");
      return;
    }
    const permission = await this.#microphone.permission();
    if (!this.place.isConnected || document.hidden) return;
    if (permission === "granted" || this.handlers.isTalking()) await this.#start();
    else if (this.handlers.isForbidden()) this.#drawRefusal("microphone_policy");
    else if (permission === "denied") this.#drawRefusal("microphone_denied");
    else this.#drawAllow(true, ALLOW);
  }

  async #start() {
    this.#drawRefusal("");
    this.#drawAllow(false);
    this.#silentSince = performance.now();
    await this.#meter.start();
  }

  /** The button goes with what it was for: whoever goes by keyboard goes on there. */
  async #allow() {
    await this.#start();
    await this.handlers.devices.refresh();
    if (document.activeElement === document.body) this.#select("microphone").focus();
  }

  /** @param {Level} level */
  #measured({ level, isOfCall }) {
    // Whatever took the pane away, nobody looks at it.
    if (!this.place.isConnected) {
      this.end();
      return;
    }
    drawLevel(part("meter", this.place), level);
    this.#sayHeard(level, isOfCall);
  }

  /**
   * @param {number} level
   * @param {boolean} isOfCall
   */
  #sayHeard(level, isOfCall) {
    const now = performance.now();
    if (level > SILENT) this.#silentSince = now;
    const said = this.#said("heard");
    if (isOfCall) said(this.handlers.isMuted() ? MUTED : OF_CALL);
    else if (this.handlers.isTalking()) said("");
    else if (level >= SPOKEN || this.#wasHeard) said(HEARD);
    else if (now - this.#silentSince > SILENT_FOR_MS) said(NOT_HEARD);
    this.#wasHeard ||= level >= SPOKEN;
  }

  #draw() {
    const { devices } = this.handlers;
    for (const use of USES) this.#drawUse(use);
    part("use-speaker", this.place).hidden = !devices.canChooseOutput;
    part("no-choice", this.place).hidden = devices.canChooseOutput;
    part("test-ring", this.place).hidden = !devices.canChooseOutput;
  }

  /** @param {Use} use */
  #drawUse(use) {
    const { devices, sound } = this.handlers;
    const used = devices.used(use);
    const remembered = devices.chosen(use);
    const system = { value: "default", name: nameOfDefault(devices.systems(use)) };
    const options = [system, ...namesOf(devices.offers(use))];
    if (used.isAway && remembered) options.push({ value: AWAY, name: interpolate(gettext("%(device)s (not there)"), { device: nameOf(remembered.label) }) });
    const select = this.#select(use);
    drawOptions(select, options, used.isAway ? AWAY : used.deviceId);
    select.disabled = options.length < 2 || !devices.areNamed;
    const isRefused = sound.refused.has(use);
    const away = used.label
      ? interpolate(gettext("Not there just now. Until it is back, “%(device)s” is used."), { device: used.label })
      : gettext("Not there just now. Until it is back, the system decides.");
    const refused = gettext("The browser does not let this page use it. Choose another.");
    const note = this.place.querySelector(`[data-note="${use}"]`);
    const words = used.isAway ? away : isRefused ? refused : "";
    if (note && note.textContent !== words) note.textContent = words;
  }

  /** @param {string} refusal A verdict's name; empty for none. */
  #drawRefusal(refusal) {
    const verdict = this.handlers.verdicts[refusal];
    const card = part("sound-refused", this.place);
    setText("refused-title", verdict ? `${verdict.title}.` : "", this.place);
    setText("refused-why", verdict?.explanation ?? "", this.place);
    setText("refused-remedy", verdict?.remedy ?? "", this.place);
    markCause(card, verdict?.code ?? "");
    card.hidden = !verdict;
    part("use-microphone", this.place).hidden = refusal === "microphone_insecure";
    if (!verdict) return;
    restMeter(part("meter", this.place));
    this.#said("heard")("");
    this.#drawAllow(!["microphone_insecure", "microphone_policy"].includes(refusal), gettext("Try again"));
  }

  /**
   * @param {boolean} isOffered
   * @param {string} [label]
   */
  #drawAllow(isOffered, label = "") {
    part("sound-allow", this.place).hidden = !isOffered;
    if (label) setText("allow-label", label, this.place);
    part("allow-why", this.place).hidden = label !== ALLOW;
  }

  /**
   * @param {string} url
   * @param {Use} use
   */
  async #play(url, use) {
    const said = this.#said("played");
    said("");
    const where = this.handlers.devices.used(use);
    try {
      const isThere = await playOn(new Audio(url), where.deviceId);
      said(!isThere ? ELSEWHERE : where.label ? interpolate(gettext("Played on “%(device)s”."), { device: where.label }) : gettext("Played."));
    } catch {
      said(NO_SOUND);
    }
  }

  async #hearYourself() {
    const said = this.#said("hear-yourself-said");
    const { recorder, isTalking } = this.handlers;
    if (this.#isRecording || recorder.isRecording) return;
    if (isTalking()) {
      said(IN_CALL);
      return;
    }
    this.#isRecording = true;
    try {
      await recorder.start();
      said(gettext("Say something: it is recorded for four seconds, and kept nowhere."));
      await new Promise((resolve) => setTimeout(resolve, RECORDED_MS));
      const wav = await recorder.stop();
      if (!wav || !this.place.isConnected) return;
      await playRecorded(wav, this.handlers.devices.used("speaker").deviceId);
      said(gettext("This is how you sound."));
    } catch {
      if (recorder.refusal) this.#drawRefusal(recorder.refusal);
      said(recorder.refusal ? "" : NO_SOUND);
    } finally {
      this.#isRecording = false;
    }
  }

  /**
   * @param {Use} use
   * @returns {HTMLSelectElement}
   */
  #select(use) {
    return /** @type {HTMLSelectElement} */ (this.place.querySelector(`select[data-use="${use}"]`));
  }

  /** @param {string} name */
  #said(name) {
    return (/** @type {string} */ words) => setText(name, words, this.place);
  }

  /**
   * @param {string} name
   * @param {() => void | Promise<void>} act
   */
  #hear(name, act) {
    part(name, this.place).addEventListener("click", () => void act());
  }
}

/**
 * @param {ArrayBuffer} wav
 * @param {string} deviceId
 */
async function playRecorded(wav, deviceId) {
  const url = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
  const sound = new Audio(url);
  sound.addEventListener("ended", () => URL.revokeObjectURL(url));
  await playOn(sound, deviceId);
}

/** @param {string} label Of what the system would use. */
function nameOfDefault(label) {
  return label ? interpolate(gettext("System default (%(device)s)"), { device: label }) : gettext("System default");
}

/**
 * Two of a kind are told apart.
 * @param {Known[]} devices
 * @returns {{value: string, name: string}[]}
 */
function namesOf(devices) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return devices.map(({ deviceId, kind, label }, index) => {
    const name = nameOf(label) || `${kind === KINDS.microphone ? gettext("Microphone") : gettext("Speaker")} ${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { value: deviceId, name: count > 1 ? `${name} (${count})` : name };
  });
}

/**
 * Only if they are others: an open list would close.
 * @param {HTMLSelectElement} select
 * @param {{value: string, name: string}[]} options
 * @param {string} value
 */
function drawOptions(select, options, value) {
  const drawn = [...select.options].map((option) => [option.value, option.text]);
  if (JSON.stringify(drawn) !== JSON.stringify(options.map((option) => [option.value, option.name]))) {
    select.replaceChildren(...options.map((option) => new Option(option.name, option.value)));
  }
  select.value = value;
}
