import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { Devices } from "../../../static/phone/device/devices.js";
import { PhoneDevice, reportOf, stateOf } from "../../../static/phone/device/device.js";
import { MemoryStorage } from "../stand-ins.js";

/** Twilio's SDK as far as the phone uses it: what it would do is emitted by hand. */
class StandInDevice extends EventEmitter {
  static version = "2";
  static made = [];
  state = "unregistered";
  isDestroyed = false;

  constructor(token, options) {
    super();
    Object.assign(this, { token, options });
    StandInDevice.made.push(this);
  }

  register() {
    return Promise.reject(undefined);
  }

  async connect({ params }) {
    this.params = params;
    return (this.call = new StandInCall());
  }

  updateToken(token) {
    this.token = token;
  }

  destroy() {
    this.isDestroyed = true;
  }
}

class StandInCall extends EventEmitter {
  parameters = { CallSid: "CA1", From: "client:dnb_bob" };
  customParameters = new Map([["display", "Bob"]]);
  state = "pending";

  status() {
    return this.state;
  }

  disconnect() {
    this.state = "closed";
    this.emit("disconnect");
  }

  ignore() {
    this.state = "closed";
    this.isIgnored = true;
  }
}

/** The browser's Web Audio as far as a murmur needs it. */
function standInAudio(t, isHeard = true) {
  const audio = { isOpen: true };
  const names = {
    AudioContext: class {
      state = isHeard ? "running" : "suspended";
      resume = async () => {};
      close = async () => void (audio.isOpen = false);
    },
    OscillatorNode: class {
      connect = (to) => to;
      start = () => {};
    },
    GainNode: class {
      connect = (to) => to;
    },
    MediaStreamAudioDestinationNode: class {
      stream = "a murmur";
    },
  };
  Object.assign(globalThis, names);
  t.after(() => Object.keys(names).forEach((name) => delete globalThis[name]));
  return audio;
}

function makeDevices() {
  return new Devices({ storage: new MemoryStorage(), getMediaDevices: () => undefined });
}

function makePhone() {
  StandInDevice.made = [];
  const heard = { device: [], calls: [], samples: [] };
  const phone = new PhoneDevice({
    sdk: { Device: StandInDevice },
    sounds: { incoming: "/ring.wav" },
    devices: makeDevices(),
    handlers: {
      device: (event) => heard.device.push(event),
      microphone: () => {},
      sound: () => {},
      expiring: () => heard.device.push("expiring"),
      call: (news) => heard.calls.push(news),
      volume: () => {},
      sample: (id, sample) => heard.samples.push(sample),
    },
  });
  phone.start("a token", { edge: "dublin", sounds: { outgoing: "/out.wav" } });
  const [device] = StandInDevice.made;
  return { phone, device, heard };
}

test("each of the SDK's events stands for one of our own states", () => {
  const states = { registering: "connecting", registered: "ready", unregistered: "offline", destroyed: "offline", error: "error" };
  for (const [event, state] of Object.entries(states)) assert.equal(stateOf(event), state);
});

test("an event about a call is reported as one", () => {
  const event = { sdkEvent: "error", state: "error", code: 31005, originalCode: 31206, message: "lost", callId: null };
  const report = { state: "error", sdk_event: "error", code: 31005, original_code: 31206, message: "lost" };
  assert.deepEqual(reportOf(event), report);
  assert.deepEqual(reportOf({ ...event, callId: "" }), { ...report, sdk_event: "call.error" });
});

test("a device keeps the server's options and insists on precise errors", () => {
  const { device } = makePhone();
  assert.equal(device.options.enableImprovedSignalingErrorPrecision, true);
  assert.equal(device.options.allowIncomingWhileBusy, true);
  assert.equal(device.options.edge, "dublin");
  assert.deepEqual(device.options.sounds, { incoming: "/ring.wav", outgoing: "/out.wav" });
});

test("an error brings the SDK's code and the gateway's", () => {
  const { device, heard } = makePhone();
  device.emit("error", { code: 20101, message: "invalid", originalError: { code: 31204 } });
  assert.deepEqual(heard.device, [
    { sdkEvent: "error", state: "error", code: 20101, originalCode: 31204, message: "invalid", callId: null },
  ]);
});

test("a device that was replaced is not heard any more", () => {
  const { phone, device, heard } = makePhone();
  phone.start("another", {});
  device.emit("unregistered");
  assert.deepEqual(heard.device, []);
  assert.ok(device.isDestroyed);
});

test("a caller is shown by the name that the server gave", () => {
  const { device, heard } = makePhone();
  device.emit("incoming", new StandInCall());
  const [{ event, direction, name, address }] = heard.calls;
  assert.deepEqual({ event, direction, name, address }, {
    event: "incoming", direction: "incoming", name: "Bob", address: "client:dnb_bob",
  });
});

test("a caller who withholds a number has no address, and the called number comes with the call", () => {
  const { device, heard } = makePhone();
  const call = new StandInCall();
  call.parameters = { CallSid: "CA2", From: "+266696687" };
  const told = { display: "Withheld number", withheld: "yes", called: "+12025550123", called_name: "Front desk", call: "CA1" };
  call.customParameters = new Map(Object.entries(told));
  device.emit("incoming", call);
  const [{ name, address, called, calledName, attestation, rungBy }] = heard.calls;
  assert.deepEqual({ name, address, called, calledName, attestation, rungBy }, {
    name: "Withheld number", address: "", called: "+12025550123", calledName: "Front desk", attestation: "", rungBy: "CA1",
  });
});

test("a call asks for whom and from which number", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "+12025550123", name: "Bob" });
  device.call.emit("accept");
  assert.deepEqual(device.params, { To: "bob", CallFrom: "+12025550123" });
  assert.deepEqual(heard.calls.map(({ event }) => event), ["outgoing", "accept"]);
});

test("an echo test names nobody, and is known by its mark alone", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "", callFrom: "", name: "Echo test call", isEcho: true });
  device.call.emit("accept");
  assert.deepEqual(device.params, { ConnectionTest: "echo" });
  assert.deepEqual(heard.calls.map(({ event, isEcho }) => [event, isEcho]), [["outgoing", true], ["accept", true]]);
});

test("a call ends once, however many events say so", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.emit("reject");
  device.call.emit("disconnect");
  await setImmediate();
  phone.stop();
  assert.deepEqual(heard.calls.map(({ event }) => event), ["outgoing", "reject"]);
});

test("why a call has ended is told before that it has, though the SDK says it after", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.state = "closed";
  device.call.emit("disconnect");
  device.call.emit("error", { code: 31401, message: "denied" });
  await setImmediate();
  assert.deepEqual(heard.calls.map(({ event }) => event), ["outgoing", "error", "disconnect"]);
});

test("a call that cannot be taken back ends, and takes its device with it", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.state = "closed";
  device.call.emit("transportClose");
  await setImmediate();
  assert.deepEqual(heard.calls.map(({ event }) => event), ["outgoing", "error", "disconnect"]);
  assert.equal(heard.calls.at(-2).code, 53001);
  assert.equal(heard.device.at(-1).sdkEvent, "destroyed");
  assert.ok(device.isDestroyed);
});

test("a call that rings here is given up without a word to Twilio before its device is destroyed", async () => {
  const { phone, device, heard } = makePhone();
  const waits = new StandInCall();
  device.emit("incoming", waits);
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.state = "open";
  device.destroy = () => assert.ok(waits.isIgnored);
  phone.stop();
  assert.deepEqual(heard.calls.map(({ event }) => event), ["incoming", "outgoing", "cancel", "disconnect"]);
  assert.ok(!device.call.isIgnored);
});

test("so is one that the SDK has not shown yet", () => {
  const { phone, device, heard } = makePhone();
  const waits = new StandInCall();
  const talks = Object.assign(new StandInCall(), { state: "open" });
  device.calls = [waits, talks];
  phone.letRing();
  assert.deepEqual([waits.isIgnored, talks.isIgnored], [true, undefined]);
  assert.deepEqual(heard.calls, []);
});

test("a call that can be taken back goes on", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.emit("transportClose");
  device.call.state = "reconnecting";
  device.call.emit("reconnecting");
  await setImmediate();
  assert.equal(heard.calls.at(-1).event, "reconnecting");
  assert.ok(!device.isDestroyed);
});

test("a line is tested on a device of its own, with the newest token, and the phone's own is left alone", async (t) => {
  const audio = standInAudio(t);
  const { phone, device } = makePhone();
  phone.renew("a newer token");
  const ending = new AbortController();
  const testing = phone.testLine({ codes: {}, signal: ending.signal });
  await setImmediate();
  const [, own] = StandInDevice.made;
  assert.deepEqual([own.token, own.options.edge, own.options.closeProtection], ["a newer token", "dublin", false]);
  assert.deepEqual(own.options.sounds, device.options.sounds);
  assert.equal(own.options.fileInputStream, "a murmur");
  ending.abort("stopped");
  await testing;
  assert.ok(own.isDestroyed && !device.isDestroyed);
  assert.equal(audio.isOpen, false);
});

test("where the browser keeps a murmur from sounding, the microphone is asked for the test's sound", async (t) => {
  const audio = standInAudio(t, false);
  const { phone } = makePhone();
  const ending = new AbortController();
  const testing = phone.testLine({ codes: {}, signal: ending.signal });
  await setImmediate();
  const [, own] = StandInDevice.made;
  assert.ok(!("fileInputStream" in own.options) && own.options.getUserMedia === undefined);
  ending.abort("stopped");
  await testing;
  assert.equal(audio.isOpen, false);
});

test("before there is a token no line can be tested", async (t) => {
  standInAudio(t);
  const phone = new PhoneDevice({ sdk: { Device: StandInDevice }, sounds: {}, handlers: {}, devices: makeDevices() });
  assert.equal(phone.hasToken, false);
  await assert.rejects(phone.testLine({ codes: {}, signal: new AbortController().signal }));
});

test("how a call sounds is told each second, and put together", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  const { id } = heard.calls[0];
  for (const rtt of [80, 40, 42]) device.call.emit("sample", { rtt, packetsReceived: 50, bytesReceived: 8_000 });
  assert.equal(heard.samples.length, 3);
  const { figures, way } = await phone.getCallSound(id);
  assert.deepEqual([figures.roundTrip, figures.seconds, way.path], [42, 3, null]);
  assert.equal(phone.calls.roundTrip, 42);
  assert.equal((await phone.getCallSound("another")).figures, null);
});

test("why a call reconnects is told with it", async () => {
  const { phone, device, heard } = makePhone();
  await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
  device.call.emit("reconnecting", { code: 53405, message: "Media connection failed." });
  assert.deepEqual([heard.calls.at(-1).event, heard.calls.at(-1).code], ["reconnecting", 53405]);
});

test("a call that ends while it is being got back was cut off, unless it was hung up here or the SDK says why", async () => {
  for (const [end, events] of [
    [({ call }) => call.disconnect(), ["outgoing", "reconnecting", "error", "disconnect"]],
    [({ call }) => (call.disconnect(), call.emit("error", { code: 31209 })), ["outgoing", "reconnecting", "error", "disconnect"]],
    [({ phone, id }) => phone.calls.hangUp(id), ["outgoing", "reconnecting", "disconnect"]],
    [({ call }) => (call.emit("reconnected"), call.disconnect()), ["outgoing", "reconnecting", "reconnected", "disconnect"]],
  ]) {
    const { phone, device, heard } = makePhone();
    await phone.connect({ to: "bob", callFrom: "", name: "Bob" });
    device.call.emit("reconnecting", { code: 53001 });
    end({ phone, call: device.call, id: heard.calls[0].id });
    await setImmediate();
    assert.deepEqual(heard.calls.map(({ event }) => event), events);
    const told = heard.calls.filter(({ event }) => event === "error").map(({ code }) => code);
    assert.deepEqual(told, events.includes("error") ? [told.includes(31209) ? 31209 : 53001] : []);
  }
});
