import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { ConnectionTest, reportOfTest } from "../../../static/phone/calls/connection-test.js";
import { CHECKS } from "../../../static/phone/device/test-findings.js";

const FIGURES = { roundTrip: 40, jitter: 3, loss: 0, bytesReceived: 9_000, bytesSent: 9_000, seconds: 6 };
const WAY = { path: "udp", isConnected: true, lossOut: 0 };
const OUTCOME = { signalling: { check: "signalling", finding: "ok", value: 90 }, media: "", figures: FIGURES, way: WAY };
const never = () => new Promise(() => {});

function makeTest({ device = {}, sound = {}, ...more } = {}) {
  const did = { shown: [], finished: [] };
  const state = { activeId: "" };
  const connection = new ConnectionTest({
    askServer: async () => ({ status: 200, isOurs: true, milliseconds: 20 }),
    echo: { ask: async () => ({ finding: "ok", milliseconds: 10 }) },
    device: {
      hasToken: true,
      isConnected: true,
      canCarrySound: true,
      testLine: async () => OUTCOME,
      getCallSound: async () => ({ figures: FIGURES, way: WAY }),
      ...device,
    },
    sound: { askMicrophone: async () => "", askSpeaker: async () => "ok", ...sound },
    codes: {},
    getActiveId: () => state.activeId,
    mayCall: () => true,
    microphone: { open: async () => assert.fail("it is asked through `sound`"), refusal: "" },
    changed: ({ lines, isRunning }) => did.shown.push([lines.length, isRunning]),
    finished: (done) => did.finished.push(done),
    ...more,
  });
  const findings = () => Object.fromEntries(connection.last.lines.map(({ check, finding }) => [check, finding]));
  return { connection, did, state, findings };
}

test("every line is told, in its order, and each as soon as it is known", async () => {
  const { connection, did } = makeTest();
  await connection.run();
  assert.deepEqual(connection.last.lines.map(({ check }) => check), CHECKS);
  assert.deepEqual(did.shown[0], [0, true]);
  assert.ok(did.shown.length >= 6);
  assert.deepEqual(did.shown.at(-1), [CHECKS.length, false]);
  assert.equal(did.finished.length, 1);
});

test("whatever breaks, the other lines are told, and the test ends", async () => {
  const broken = async () => {
    throw new Error("broken");
  };
  const { connection, findings } = makeTest({ device: { testLine: broken }, askServer: broken, sound: { askSpeaker: broken } });
  await connection.run();
  const { microphone, speaker, server, socket, signalling, media, path } = findings();
  assert.deepEqual([microphone, socket], ["ok", "ok"]);
  assert.deepEqual([speaker, server, signalling, media, path], Array(5).fill("broke"));
});

test("a microphone that is denied and a server that is away leave the rest of the test as it is", async () => {
  const { connection, findings } = makeTest({
    sound: { askMicrophone: async () => "microphone_denied" },
    askServer: async () => null,
    echo: { ask: async () => ({ finding: "closed", milliseconds: 0 }) },
  });
  await connection.run();
  const { microphone, server, socket, media } = findings();
  assert.deepEqual([microphone, server, socket, media], ["denied", "away", "closed", "ok"]);
});

test("where no line can be tried it is said why", async () => {
  for (const [device, mayCall, signalling, media] of [
    [{ hasToken: false, isConnected: false }, true, "no_token", "no_signalling"],
    [{ canCarrySound: false }, true, "registered", "no_webrtc"],
    [{ canCarrySound: false, isConnected: false }, true, "unreachable", "no_webrtc"],
    [{}, false, "registered", "no_app"],
  ]) {
    const { connection, findings } = makeTest({ device: { ...device, testLine: never }, mayCall: () => mayCall });
    await connection.run();
    assert.deepEqual([findings().signalling, findings().media, findings().loss], [signalling, media, "no_sound"]);
  }
});

test("in a call there is no second one: its own sound is told, and its microphone is left alone", async () => {
  const { connection, state, findings } = makeTest({ device: { testLine: never }, sound: { askMicrophone: never } });
  state.activeId = "1";
  await connection.run();
  assert.equal(connection.last.isInCall, true);
  const { microphone, signalling, media, path } = findings();
  assert.deepEqual([microphone, signalling, media, path], ["in_call", "in_call", "ok", "udp"]);
});

/** A line that goes on until the test ends. */
function untilEnded({ signal }) {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () =>
      resolve({ ...OUTCOME, signalling: { check: "signalling", finding: signal.reason }, media: signal.reason, figures: null, way: null }),
    );
  });
}

test("a test that is stopped, or that a call puts an end to, keeps what is known", async () => {
  for (const [end, why] of [
    [({ connection }) => connection.stop(), "stopped"],
    [({ connection, state }) => ((state.activeId = "1"), connection.callsChanged()), "call_began"],
  ]) {
    const made = makeTest({
      device: { testLine: untilEnded },
      sound: { askMicrophone: ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(null))) },
    });
    const running = made.connection.run();
    await setImmediate();
    made.connection.callsChanged();
    assert.equal(made.connection.last.isRunning, true);
    end(made);
    await running;
    const { microphone, speaker, signalling, media } = made.findings();
    assert.deepEqual([microphone, speaker, signalling, media], [why, "ok", why, why]);
  }
});

test("a question about the microphone that stays open is no denial", async () => {
  const { connection, findings } = makeTest({ sound: { askMicrophone: async () => null } });
  await connection.run();
  assert.equal(findings().microphone, "asking");
});

test("one test runs at a time, and the next begins anew", async () => {
  const { connection, did } = makeTest();
  await Promise.all([connection.run(), connection.run()]);
  assert.equal(did.finished.length, 1);
  const { id } = connection.last;
  await connection.run();
  assert.notEqual(connection.last.id, id);
  assert.equal(connection.last.lines.length, CHECKS.length);
});

test("the server is told what it takes, and nothing else", async () => {
  const { connection } = makeTest();
  await connection.run();
  const told = JSON.parse(JSON.stringify(reportOfTest(connection.last, "a page")));
  assert.deepEqual(Object.keys(told).sort(), ["at", "id", "is_in_call", "lines", "page_session"]);
  assert.deepEqual(told.lines[4], { check: "signalling", finding: "ok", value: 90 });
});
