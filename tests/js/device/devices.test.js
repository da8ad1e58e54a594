import assert from "node:assert/strict";
import test from "node:test";

import { DEFAULT, Devices, STORAGE_KEY, findDevice, nameOf, readChoices } from "../../../static/phone/device/devices.js";
import { FullStorage, MemoryStorage } from "../stand-ins.js";

const device = (kind, label, { id = `${kind}-${label}`, group = `group-${label}` } = {}) => ({
  kind, label, deviceId: id, groupId: group,
});
const mic = (label, more) => device("audioinput", label, more);
const out = (label, more) => device("audiooutput", label, more);
const systems = (label) => [
  mic(`Default - ${label}`, { id: DEFAULT, group: `group-${label}` }),
  out(`Default - ${label}`, { id: DEFAULT, group: `group-${label}` }),
];

/** A browser whose list is given by hand. */
async function makeDevices(list, { storage = new MemoryStorage(), ...more } = {}) {
  const browser = { list, enumerateDevices: async () => browser.list, addEventListener: (_, act) => (browser.changed = act) };
  const devices = new Devices({ storage, getMediaDevices: () => browser, canChooseOutput: true, ...more });
  await devices.begin();
  return { devices, browser, storage };
}

const LAPTOP = [...systems("Laptop"), mic("Laptop"), out("Laptop")];
const HEADSET = [mic("Headset"), out("Headset")];

test("a device is found by its id, then its label and group, then its label", () => {
  const remembered = mic("Headset", { id: "a", group: "g" });
  const byId = mic("Renamed", { id: "a", group: "other" });
  const byGroup = mic("Headset", { id: "b", group: "g" });
  const byLabel = mic("Headset", { id: "c", group: "h" });
  assert.equal(findDevice(remembered, [byLabel, byGroup, byId]), byId);
  assert.equal(findDevice(remembered, [byLabel, byGroup]), byGroup);
  assert.equal(findDevice(remembered, [byLabel]), byLabel);
});

test("nothing is found by what is empty, by another kind, or by a part of its name", () => {
  const remembered = mic("Headset", { id: "a" });
  assert.equal(findDevice(remembered, [out("Headset", { id: "a" }), mic("Headset 2", { id: "b" })]), null);
  assert.equal(findDevice(mic("", { id: "", group: "" }), [mic("", { id: "", group: "" })]), null);
  // What the system calls by its use is no device of that name.
  assert.equal(findDevice(mic("Default - Headset"), [mic("Default - Headset", { id: DEFAULT })]), null);
});

test("what is chosen is remembered with all that is known of it, and the system's own is no choice", async () => {
  const { devices, storage } = await makeDevices([...LAPTOP, ...HEADSET]);
  devices.choose("microphone", "audioinput-Headset");
  devices.choose("ring", "audiooutput-Laptop");
  assert.deepEqual(JSON.parse(storage.getItem(STORAGE_KEY)), {
    version: 1, microphone: mic("Headset"), ring: out("Laptop"),
  });
  assert.equal(devices.used("microphone").deviceId, "audioinput-Headset");
  assert.deepEqual([devices.used("speaker").deviceId, devices.used("speaker").label], [DEFAULT, "Laptop"]);
  devices.choose("microphone", DEFAULT);
  devices.choose("ring", "no such id");
  assert.equal(storage.getItem(STORAGE_KEY), null);
});

test("a device that is called otherwise is found, and its new id is remembered", async () => {
  const { storage } = await makeDevices([...LAPTOP, ...HEADSET]).then(({ devices, ...rest }) => {
    devices.choose("microphone", "audioinput-Headset");
    return rest;
  });
  const moved = mic("Headset", { id: "new", group: "new group" });
  const { devices } = await makeDevices([...LAPTOP, moved], { storage });
  assert.equal(devices.used("microphone").deviceId, "new");
  assert.deepEqual(readChoices(storage).microphone, moved);
});

test("a device that is away is remembered, the system decides meanwhile, and it is taken again", async () => {
  const { devices, browser } = await makeDevices([...LAPTOP, ...HEADSET]);
  let told = 0;
  devices.heed(() => (told += 1));
  devices.choose("microphone", "audioinput-Headset");
  browser.list = LAPTOP;
  await browser.changed();
  await devices.refresh();
  const { deviceId, isAway, label } = devices.used("microphone");
  assert.deepEqual([deviceId, isAway, label], [DEFAULT, true, "Laptop"]);
  assert.equal(devices.chosen("microphone").label, "Headset");
  browser.list = [...LAPTOP, ...HEADSET];
  await devices.refresh();
  assert.equal(devices.used("microphone").isAway, false);
  assert.ok(told >= 3);
});

test("a call asks for the chosen microphone, then the system's, then any", async () => {
  const exact = (id) => ({ deviceId: { exact: id } });
  const { devices } = await makeDevices([...LAPTOP, ...HEADSET, mic("Webcam")]);
  assert.deepEqual(devices.candidates()[0], {});
  devices.choose("microphone", "audioinput-Headset");
  assert.deepEqual(devices.candidates(), [
    exact("audioinput-Headset"), {}, exact("audioinput-Laptop"), exact("audioinput-Webcam"),
  ]);
});

test("before the browser names its devices, a remembered id is hoped for", async () => {
  const storage = new MemoryStorage();
  storage.setItem(STORAGE_KEY, JSON.stringify({ version: 1, microphone: mic("Headset") }));
  const { devices } = await makeDevices([mic("", { id: "", group: "" })], { storage });
  assert.equal(devices.areNamed, false);
  assert.deepEqual(devices.candidates(), [{ deviceId: { ideal: "audioinput-Headset" } }]);
  assert.deepEqual(devices.offers("microphone"), []);
});

test("the system's own is called by the device that it stands for", async () => {
  const german = mic("Standard – Laptop", { id: DEFAULT, group: "group-Laptop" });
  const { devices } = await makeDevices([german, mic("Laptop")]);
  assert.equal(devices.used("microphone").label, "Laptop");
  // Others than Chromium list it first.
  const firefox = await makeDevices([mic("Built-in"), mic("USB")]);
  assert.equal(firefox.devices.systems("microphone"), "Built-in");
});

for (const [name, kept] of [
  ["no JSON", "{"],
  ["another version's", JSON.stringify({ version: 2, microphone: mic("Headset") })],
  ["a list", "[]"],
  ["null", "null"],
  ["of another kind", JSON.stringify({ version: 1, microphone: out("Headset") })],
  ["without a label", JSON.stringify({ version: 1, speaker: { kind: "audiooutput", deviceId: "a", groupId: "b" } })],
  ["endless", JSON.stringify({ version: 1, speaker: out("x".repeat(501)) })],
]) {
  test(`storage that holds what is ${name} chooses nothing`, async () => {
    const storage = new MemoryStorage();
    storage.setItem(STORAGE_KEY, kept);
    assert.deepEqual(readChoices(storage), {});
    const { devices } = await makeDevices(LAPTOP, { storage });
    devices.choose("speaker", "audiooutput-Laptop");
    assert.equal(readChoices(storage).speaker.label, "Laptop");
  });
}

test("storage that is full or forbidden leaves a choice for as long as the page lives", async () => {
  const { devices } = await makeDevices(LAPTOP, { storage: new FullStorage() });
  devices.choose("microphone", "audioinput-Laptop");
  assert.equal(devices.used("microphone").deviceId, "audioinput-Laptop");
  const forbidden = { getItem: () => { throw new DOMException("no", "SecurityError"); } };
  assert.deepEqual(readChoices(forbidden), {});
});

test("a page without devices, or a browser that does not list them, has none to choose from", async () => {
  const devices = new Devices({ storage: new MemoryStorage(), getMediaDevices: () => undefined, canChooseOutput: false });
  await devices.begin();
  assert.equal(devices.used("microphone").isThere, false);
  assert.deepEqual(devices.candidates(), [{}]);
  const { devices: mute } = await makeDevices([]);
  assert.deepEqual(mute.list, []);
});

test("another tab's choice is taken over", async () => {
  const { devices, storage } = await makeDevices([...LAPTOP, ...HEADSET]);
  storage.setItem(STORAGE_KEY, JSON.stringify({ version: 1, speaker: out("Headset") }));
  devices.reload();
  assert.equal(devices.used("speaker").label, "Headset");
});

test("a device is called without its maker's numbers", () => {
  assert.equal(nameOf("Jabra Evolve2 (0b0e:245d)"), "Jabra Evolve2");
  assert.equal(nameOf("Microphone (USB Audio)"), "Microphone (USB Audio)");
});
