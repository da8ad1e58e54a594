import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { LevelMeter, levelOf } from "../../../static/phone/device/level-meter.js";

const makeStream = () => {
  const track = { readyState: "live", stop: () => (track.readyState = "ended") };
  return { track, getTracks: () => [track], getAudioTracks: () => [track] };
};

/** A meter whose microphones and call are given by hand. */
function makeMeter(t) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const opened = [];
  const measured = [];
  const call = { stream: null };
  const heard = [];
  const failed = [];
  const microphone = {
    open: async () => {
      if (microphone.error) throw microphone.error;
      await microphone.wait;
      const stream = makeStream();
      opened.push(stream);
      return stream;
    },
  };
  const meter = new LevelMeter({
    microphone,
    getCallStream: () => call.stream,
    isTalking: () => call.stream !== null,
    changed: (level) => heard.push(level),
    failed: (error) => failed.push(error.name),
    makeContext: () => ({
      state: "running",
      close: async () => measured.push("closed"),
      createAnalyser: () => ({ fftSize: 8, getFloatTimeDomainData: (samples) => samples.fill(0.1) }),
      createMediaStreamSource: (stream) => ({ connect: () => measured.push(stream), disconnect: () => {} }),
    }),
  });
  const tick = async () => {
    t.mock.timers.tick(100);
    await setImmediate();
  };
  return { meter, microphone, opened, measured, call, heard, failed, tick };
}

test("a level goes by what the ear makes of it", () => {
  assert.equal(levelOf(new Float32Array(8)), 0);
  assert.equal(levelOf(new Float32Array(8).fill(1)), 100);
  assert.equal(levelOf(new Float32Array(8).fill(0.1)), 67);
  assert.equal(levelOf(new Float32Array(8).fill(0.0005)), 0);
});

test("a microphone is open while it is measured, and no longer", async (t) => {
  const { meter, opened, heard, tick } = makeMeter(t);
  await meter.start();
  await tick();
  assert.deepEqual(heard.at(-1), { level: 67, isOfCall: false });
  meter.stop();
  assert.equal(opened.length, 1);
  assert.equal(opened[0].track.readyState, "ended");
  const before = heard.length;
  await tick();
  assert.equal(heard.length, before);
});

test("one that is stopped before the browser gives the microphone keeps none", async (t) => {
  const { meter, microphone, opened, tick } = makeMeter(t);
  let give;
  microphone.wait = new Promise((resolve) => (give = resolve));
  void meter.start();
  meter.stop();
  give();
  await tick();
  assert.equal(opened[0].track.readyState, "ended");
});

test("in a call it reads the call's, leaves that alone, and has its own again afterwards", async (t) => {
  const { meter, opened, measured, call, heard, tick } = makeMeter(t);
  await meter.start();
  call.stream = makeStream();
  await tick();
  assert.equal(opened[0].track.readyState, "ended");
  assert.equal(measured.at(-1), call.stream);
  assert.equal(heard.at(-1).isOfCall, true);
  // The call goes on with another microphone.
  call.stream = makeStream();
  await tick();
  assert.equal(measured.at(-1), call.stream);
  const ofCall = call.stream;
  call.stream = null;
  await tick();
  assert.equal(ofCall.track.readyState, "live");
  assert.equal(opened.length, 2);
  meter.stop();
});

test("another that is chosen is opened instead, and one that ends is opened anew", async (t) => {
  const { meter, opened, tick } = makeMeter(t);
  await meter.start();
  await meter.change();
  assert.deepEqual(opened.map(({ track }) => track.readyState), ["ended", "live"]);
  opened[1].track.readyState = "ended";
  await tick();
  assert.equal(opened.length, 3);
  meter.stop();
});

test("without a microphone it is off, and says why once", async (t) => {
  const { meter, microphone, failed, tick } = makeMeter(t);
  microphone.error = new DOMException("no", "NotFoundError");
  await meter.start();
  await tick();
  assert.equal(meter.isOn, false);
  assert.deepEqual(failed, ["NotFoundError"]);
});
