import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { TestLine } from "../../../static/phone/device/test-line.js";
import { codes } from "../stand-ins.js";

const SAMPLE = { rtt: 40, jitter: 3, packetsLost: 0, packetsReceived: 50, bytesReceived: 8_000, bytesSent: 8_000 };
const WAY = { path: "udp", isConnected: true, lossOut: 0 };

class StandInCall extends EventEmitter {
  state = "connecting";
  status = () => this.state;
  disconnect() {
    this.isHungUp = true;
  }
}

/** The SDK's Device, never registered: what it would do is done by hand. */
class StandInDevice extends EventEmitter {
  audio = { outgoing: () => {}, disconnect: () => {} };
  call = new StandInCall();

  connect({ params }) {
    this.params = params;
    return new Promise((resolve, reject) => Object.assign(this, { connected: () => resolve(this.call), refused: reject }));
  }

  register() {
    throw new Error("A Device that is registered rings.");
  }

  destroy() {
    this.isDestroyed = true;
  }
}

async function makeLine(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const device = new StandInDevice();
  const ending = new AbortController();
  let clock = 0;
  const line = new TestLine({
    device,
    connections: { getWay: async () => WAY },
    codes,
    signal: ending.signal,
    now: () => (clock += 100),
  });
  const outcome = line.test();
  const pass = async (ms) => {
    t.mock.timers.tick(ms);
    await setImmediate();
  };
  const connect = async () => {
    device.connected();
    await setImmediate();
  };
  const answer = async () => {
    await connect();
    device.call.emit("accept");
    await setImmediate();
  };
  return { device, ending, outcome, pass, connect, answer };
}

test("a line that carries sound is measured, hung up and gone; its call is marked and reaches nobody", async (t) => {
  const { device, outcome, answer } = await makeLine(t);
  await answer();
  for (let second = 0; second < 6; second += 1) device.call.emit("sample", SAMPLE);
  const { signalling, media, figures, way } = await outcome;
  assert.deepEqual(signalling, { check: "signalling", finding: "ok", value: 100 });
  assert.deepEqual([media, figures.roundTrip, figures.seconds, way], ["", 40, 6, WAY]);
  assert.deepEqual(device.params, { ConnectionTest: "line" });
  assert.ok(device.call.isHungUp && device.isDestroyed);
});

test("a gateway that cannot be reached is told from one that says nothing", async (t) => {
  const unreachable = await makeLine(t);
  unreachable.device.emit("error", { code: 31000 });
  unreachable.device.emit("error", { code: 31005 });
  await unreachable.pass(8_000);
  const { signalling, media } = await unreachable.outcome;
  assert.deepEqual([signalling.finding, media], ["unreachable", "no_signalling"]);
  assert.ok(unreachable.device.isDestroyed);
});

test("a gateway that says nothing is told so, with how long it was waited for", async (t) => {
  const { outcome, pass } = await makeLine(t);
  await pass(8_000);
  assert.deepEqual((await outcome).signalling, { check: "signalling", finding: "silent", value: 100 });
});

test("a gateway that comes late is reached all the same", async (t) => {
  const { device, outcome, pass, answer } = await makeLine(t);
  device.emit("error", { code: 31005 });
  await pass(7_000);
  await answer();
  for (let second = 0; second < 6; second += 1) device.call.emit("sample", SAMPLE);
  assert.equal((await outcome).signalling.finding, "ok");
});

test("a token that is not taken is known at once", async (t) => {
  const { device, outcome } = await makeLine(t);
  device.emit("error", { code: 20101, originalError: { code: 31204 } });
  device.refused(undefined);
  const { signalling, media } = await outcome;
  assert.deepEqual([signalling.finding, media], ["token_refused", "no_signalling"]);
});

test("a call that is refused, not answered, or finds no way for its sound is told apart", async (t) => {
  const refused = await makeLine(t);
  await refused.connect();
  refused.device.call.emit("error", { code: 31404 });
  refused.device.call.emit("disconnect");
  assert.equal((await refused.outcome).media, "refused");
});

test("a call that nobody answers is waited for, and no longer", async (t) => {
  const { outcome, connect, pass } = await makeLine(t);
  await connect();
  await pass(10_000);
  const { signalling, media } = await outcome;
  assert.deepEqual([signalling.finding, media], ["ok", "no_answer"]);
});

test("an answered call without a second of sound has found no way", async (t) => {
  const { device, outcome, answer, pass } = await makeLine(t);
  await answer();
  await pass(12_000);
  assert.equal((await outcome).media, "no_way");
  assert.ok(device.call.isHungUp);
});

test("a call whose sound the SDK gives up has found no way", async (t) => {
  const { device, outcome, answer } = await makeLine(t);
  await answer();
  device.call.state = "closed";
  device.call.emit("error", { code: 53405 });
  assert.equal((await outcome).media, "no_way");
});

test("a test that is stopped ends at once, whatever it waits for, and says why", async (t) => {
  for (const step of ["", "connect", "answer"]) {
    const made = await makeLine(t);
    if (step) await made[step]();
    made.ending.abort("call_began");
    const { signalling, media } = await made.outcome;
    assert.equal(media, "call_began");
    assert.equal(signalling.finding, step ? "ok" : "call_began");
    assert.ok(made.device.isDestroyed);
    t.mock.timers.reset();
  }
});
