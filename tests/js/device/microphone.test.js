import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { Microphone } from "../../../static/phone/device/microphone.js";

const theStream = { getAudioTracks: () => [{ readyState: "live" }] };

/** A browser whose answer is given by hand. */
function makeMicrophone(t, { permission = "prompt", hasDevices = true } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const waits = [];
  const asked = [];
  const mediaDevices = hasDevices
    ? { getUserMedia: () => new Promise((resolve, reject) => asked.push({ resolve, reject })) }
    : undefined;
  const query = async () => {
    if (permission instanceof Error) throw permission;
    return { state: permission };
  };
  const microphone = new Microphone({
    changed: (wait) => waits.push(wait),
    getNavigator: () => ({ mediaDevices, permissions: { query } }),
  });
  const pass = async (ms) => {
    t.mock.timers.tick(ms);
    await setImmediate();
  };
  return { microphone, waits, asked, pass };
}

test("a browser that answers at once is not waited for", async (t) => {
  const { microphone, waits, asked, pass } = makeMicrophone(t);
  const opened = microphone.open({ audio: true });
  await pass(100);
  asked[0].resolve(theStream);
  assert.equal(await opened, theStream);
  await pass(1_000);
  assert.deepEqual(waits, [""]);
});

for (const [permission, wait] of [["prompt", "asking"], ["granted", "waiting"], [new TypeError("not told"), "asking"]]) {
  test(`a browser that takes its time while the permission is ${permission} is ${wait}`, async (t) => {
    const { microphone, waits, asked, pass } = makeMicrophone(t, { permission });
    const opened = microphone.open({ audio: true });
    await pass(600);
    assert.deepEqual(waits, [wait]);
    asked[0].reject(new DOMException("no", "NotAllowedError"));
    await assert.rejects(opened);
    assert.deepEqual(waits, [wait, ""]);
    // Where the browser would ask again, nobody has refused.
    assert.equal(microphone.refusal, permission === "prompt" ? "microphone_dismissed" : "microphone_denied");
  });
}

test("an answer to an older question does not close the newer one", async (t) => {
  const { microphone, waits, asked, pass } = makeMicrophone(t);
  const older = microphone.open({ audio: true });
  await pass(600);
  const newer = microphone.open({ audio: true });
  await pass(600);
  asked[0].resolve(theStream);
  await older;
  assert.deepEqual(waits, ["asking", "asking"]);
  asked[1].resolve(theStream);
  await newer;
  assert.equal(waits.at(-1), "");
});

test("a page without encryption has no microphones, and says so", async (t) => {
  const { microphone } = makeMicrophone(t, { hasDevices: false });
  await assert.rejects(microphone.open({ audio: true }));
  assert.equal(microphone.refusal, "microphone_insecure");
});

/** A browser that opens what is named in `there`, and throws for the rest of it. */
function makeChosen(candidates, there) {
  const asked = [];
  const getUserMedia = async ({ audio }) => {
    const id = audio === true ? "default" : (audio.deviceId?.exact ?? "default");
    asked.push(audio);
    if (there[id] instanceof DOMException) throw there[id];
    return theStream;
  };
  const microphone = new Microphone({
    choice: { candidates: () => candidates },
    getNavigator: () => ({ mediaDevices: { getUserMedia }, permissions: { query: async () => ({ state: "granted" }) } }),
  });
  return { microphone, asked };
}

const exact = (id) => ({ deviceId: { exact: id } });
const inUse = new DOMException("in use", "NotReadableError");
const gone = new DOMException("gone", "OverconstrainedError");

test("whatever device is asked for, the chosen one is opened, with the rest of what was wanted", async () => {
  const { microphone, asked } = makeChosen([exact("a"), {}], {});
  await microphone.open({ audio: { ...exact("default"), channelCount: 1 } });
  assert.deepEqual(asked, [{ channelCount: 1, ...exact("a") }]);
  assert.equal(microphone.live, theStream);
});

test("where the chosen one cannot be had, another is, and the first that is there says why none is", async () => {
  const some = makeChosen([exact("a"), {}], { a: inUse });
  assert.equal(await some.microphone.open({ audio: true }), theStream);
  assert.deepEqual(some.asked, [exact("a"), true]);
  assert.equal(some.microphone.refusal, "");
  const none = makeChosen([exact("a"), {}, exact("b")], { a: gone, default: inUse, b: gone });
  await assert.rejects(none.microphone.open({ audio: true }), inUse);
  assert.equal(none.microphone.refusal, "microphone_in_use");
  assert.equal(none.microphone.live, null);
});

test("a person who refuses is not asked for each device anew", async () => {
  const denied = new DOMException("Permission denied", "NotAllowedError");
  const { microphone, asked } = makeChosen([exact("a"), {}], { a: denied });
  await assert.rejects(microphone.open({ audio: true }), denied);
  assert.equal(asked.length, 1);
});
