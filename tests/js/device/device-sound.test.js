import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { DeviceSound } from "../../../static/phone/device/device-sound.js";
import { Devices } from "../../../static/phone/device/devices.js";
import { MemoryStorage } from "../stand-ins.js";

const half = (kind, label, deviceId = `${kind}-${label}`) => ({ kind, label, deviceId, groupId: `group-${label}` });
const both = (label) => [half("audioinput", label), half("audiooutput", label)];
const system = (label) => ["audioinput", "audiooutput"].map((kind) => half(kind, label, "default"));

/** The SDK's part: what it is told. */
class StandInAudio extends EventEmitter {
  isOutputSelectionSupported = true;
  availableInputDevices = new Map();
  availableOutputDevices = new Map();
  inputDevice = null;
  did = [];
  speakerDevices = this.#outputs("speaker");
  ringtoneDevices = this.#outputs("ring");

  #outputs(name) {
    let set = new Set();
    return {
      get: () => set,
      set: async (deviceId) => {
        if (this.refuses === deviceId) throw new DOMException("no", "NotAllowedError");
        set = new Set([{ deviceId }]);
        this.did.push([name, deviceId]);
      },
    };
  }

  see(list) {
    const ids = (kind) => new Map(list.filter((one) => one.kind === kind).map((one) => [one.deviceId, one]));
    this.availableInputDevices = ids("audioinput");
    this.availableOutputDevices = ids("audiooutput");
  }

  async setInputDevice(deviceId) {
    this.did.push(["microphone", deviceId]);
    this.inputDevice = { deviceId };
    await this.open();
  }

  async setAudioConstraints() {
    this.did.push(["microphone", "anew"]);
    await this.open();
  }

  async unsetInputDevice() {
    this.did.push(["microphone", "released"]);
    this.inputDevice = null;
  }
}

async function makeSound(t, list) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const browser = { list, enumerateDevices: async () => browser.list };
  const devices = new Devices({ storage: new MemoryStorage(), getMediaDevices: () => browser, canChooseOutput: true });
  await devices.begin();
  const audio = new StandInAudio();
  audio.see(list);
  const call = { isTalking: false, isConnecting: false };
  const microphone = { live: null, isOpening: false };
  const news = [];
  const sound = new DeviceSound({
    devices, microphone, isTalking: () => call.isTalking, isConnecting: () => call.isConnecting, changed: (one) => news.push(one?.words ?? null),
  });
  audio.open = async () => {
    const track = { readyState: "live", addEventListener: () => {} };
    microphone.live = { getAudioTracks: () => [track] };
    sound.opened(microphone.live);
  };
  const settle = async () => {
    for (let round = 0; round < 3; round += 1) {
      t.mock.timers.tick(300);
      await setImmediate();
    }
    return audio.did.splice(0);
  };
  const replug = async (now) => {
    browser.list = now;
    audio.see(now);
    await devices.refresh();
    return settle();
  };
  const talk = async () => {
    await audio.open();
    call.isTalking = true;
    sound.callChanged();
    return settle();
  };
  sound.attach(audio);
  return { sound, devices, audio, call, microphone, news, settle, replug, talk };
}

const ALL = [...system("Laptop"), ...both("Laptop"), ...both("Headset")];
const LAPTOP = [...system("Laptop"), ...both("Laptop")];

test("what is chosen is told the SDK, each use by itself, and nothing twice", async (t) => {
  const { devices, settle } = await makeSound(t, ALL);
  assert.deepEqual(await settle(), [["speaker", "default"], ["ring", "default"]]);
  devices.choose("speaker", "audiooutput-Headset");
  devices.choose("ring", "audiooutput-Laptop");
  devices.choose("microphone", "audioinput-Headset");
  // Between calls no microphone is opened.
  assert.deepEqual(await settle(), [["speaker", "audiooutput-Headset"], ["ring", "audiooutput-Laptop"]]);
});

test("in a call a device that goes is followed, and taken again when it is back", async (t) => {
  const { devices, news, settle, replug, talk } = await makeSound(t, ALL);
  devices.choose("microphone", "audioinput-Headset");
  devices.choose("speaker", "audiooutput-Headset");
  await settle();
  assert.deepEqual(await talk(), []);
  assert.deepEqual(await replug(LAPTOP), [["speaker", "default"], ["microphone", "default"]]);
  assert.deepEqual(await replug(ALL), [["speaker", "audiooutput-Headset"], ["microphone", "audioinput-Headset"]]);
  assert.deepEqual(news, [
    "“Headset” is gone. The call goes on with “Laptop”.",
    "“Headset” is back, and the call goes on there.",
  ]);
  // Something else that comes or goes is nothing to the call.
  assert.deepEqual(await replug([...ALL, ...both("Webcam")]), []);
});

test("a system that changes its mind is followed, in the same name", async (t) => {
  const { news, replug, talk, settle } = await makeSound(t, ALL);
  await settle();
  await talk();
  const now = [...system("Headset"), ...both("Laptop"), ...both("Headset")];
  assert.deepEqual(await replug(now), [["microphone", "default"]]);
  assert.deepEqual(await replug(ALL), [["microphone", "anew"]]);
  assert.deepEqual(news, ["The call goes on with “Headset”.", "The call goes on with “Laptop”."]);
});

test("with no microphone left it is said that nobody hears, until one is there", async (t) => {
  const { microphone, news, replug, talk, settle } = await makeSound(t, LAPTOP);
  await settle();
  await talk();
  const outputs = LAPTOP.filter(({ kind }) => kind === "audiooutput");
  microphone.live = null;
  assert.deepEqual(await replug(outputs), []);
  assert.deepEqual(await replug(LAPTOP), [["microphone", "default"]]);
  assert.match(news[0], /No microphone is left/);
  assert.equal(news[1], "You are heard again, by “Laptop”.");
});

test("a microphone that cannot be opened is not asked for again and again", async (t) => {
  const { sound, audio, microphone, news, devices, settle, talk } = await makeSound(t, ALL);
  await settle();
  await talk();
  audio.open = async () => {
    microphone.live = null;
    throw new DOMException("in use", "NotReadableError");
  };
  devices.choose("microphone", "audioinput-Headset");
  const tried = async () => (await settle()).filter(([use]) => use === "microphone").length;
  assert.equal(await tried(), 1);
  sound.settled();
  assert.equal(await tried(), 0);
  assert.match(news.at(-1), /not open any more/);
});

test("after the call the microphone is given back, and nothing more is said", async (t) => {
  const { sound, call, news, settle, talk } = await makeSound(t, ALL);
  await settle();
  await talk();
  call.isTalking = false;
  sound.callChanged();
  assert.deepEqual(await settle(), [["microphone", "released"]]);
  assert.deepEqual(news, [null]);
});

test("a loudspeaker that the browser refuses is known, until another is chosen", async (t) => {
  const { sound, audio, devices, settle } = await makeSound(t, ALL);
  await settle();
  audio.refuses = "audiooutput-Headset";
  let told = 0;
  sound.heedRefused(() => (told += 1));
  devices.choose("speaker", "audiooutput-Headset");
  await settle();
  assert.deepEqual([...sound.refused], ["speaker"]);
  devices.choose("speaker", "audiooutput-Laptop");
  await settle();
  assert.deepEqual([...sound.refused], []);
  assert.equal(told, 2);
});

test("while a call connects its loudspeaker is left alone, and set once it is there", async (t) => {
  const { sound, call, devices, settle } = await makeSound(t, ALL);
  await settle();
  call.isConnecting = true;
  sound.callChanged();
  devices.choose("speaker", "audiooutput-Headset");
  devices.choose("ring", "audiooutput-Headset");
  assert.deepEqual(await settle(), [["ring", "audiooutput-Headset"]]);
  call.isConnecting = false;
  sound.callChanged();
  assert.deepEqual(await settle(), [["speaker", "audiooutput-Headset"]]);
});

test("a loudspeaker that the SDK never says it has set holds up nothing else", async (t) => {
  const { audio, devices, news, settle, replug, talk } = await makeSound(t, ALL);
  devices.choose("speaker", "audiooutput-Headset");
  devices.choose("microphone", "audioinput-Headset");
  let asked = 0;
  audio.speakerDevices.set = () => new Promise(() => (asked += 1));
  await talk();
  await settle();
  assert.equal(asked, 1);
  await replug(LAPTOP);
  assert.deepEqual(news, ["“Headset” is gone. The call goes on with “Laptop”."]);
});

test("a browser that lets no page choose where it is heard is not asked to", async (t) => {
  const { audio, devices, settle } = await makeSound(t, ALL);
  audio.isOutputSelectionSupported = false;
  devices.choose("speaker", "audiooutput-Headset");
  assert.deepEqual(await settle(), []);
});
