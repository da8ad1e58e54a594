import assert from "node:assert/strict";
import test from "node:test";

import { ErrorStorm } from "../../../static/phone/relay/error-storm.js";

const error = { state: "error", sdk_event: "error", code: 31005, original_code: null, message: "lost" };

function makeStorm(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const reports = [];
  return { storm: new ErrorStorm((report) => reports.push(report)), reports, tick: (ms) => t.mock.timers.tick(ms) };
}

test("the first few of a storm pass, the rest is counted", (t) => {
  const { storm, reports, tick } = makeStorm(t);
  for (let n = 0; n < 45; n++) storm.take(error);
  assert.equal(reports.length, 3);
  tick(5_000);
  assert.equal(reports.length, 4);
  assert.match(reports[3].message, /^lost \(42 times more/);
});

test("different events do not hold each other back", (t) => {
  const { storm, reports } = makeStorm(t);
  for (const code of [31000, 31005, 31202, 20101]) storm.take({ ...error, code });
  assert.deepEqual(reports.map(({ code }) => code), [31000, 31005, 31202, 20101]);
});

test("what is said of one call holds back nothing of another", (t) => {
  const { storm, reports } = makeStorm(t);
  for (let n = 0; n < 8; n++) {
    storm.take({ ...error, sdk_event: "call.error", message: `lost (outgoing a-${n})` });
    storm.take({ state: "disconnect", sdk_event: "disconnect", message: `outgoing a-${n} (0 s) to bob` });
  }
  assert.equal(reports.length, 16);
  for (let n = 0; n < 8; n++) storm.take({ ...error, sdk_event: "call.error", message: "lost (outgoing a-0)" });
  assert.equal(reports.length, 18);
});

test("a quiet window leaves nothing behind", (t) => {
  const { storm, reports, tick } = makeStorm(t);
  storm.take(error);
  tick(5_000);
  storm.take(error);
  assert.equal(reports.length, 2);
});

test("what is held back is told before the device is ready", (t) => {
  const { storm, reports, tick } = makeStorm(t);
  for (let n = 0; n < 4; n++) storm.take(error);
  storm.take({ state: "ready", sdk_event: "registered" });
  assert.deepEqual(reports.slice(3).map(({ state }) => state), ["error", "ready"]);
  tick(10_000);
  assert.equal(reports.length, 5);
});

test("what happens to a device one after the other is told each, and a loose plug is calmed", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const storm = new ErrorStorm((report) => told.push(report.message));
  const happens = (message) => storm.take({ state: "ready", sdk_event: "audio.deviceChange", message });
  for (const what of ["lost", "back", "chosen", "nobody is heard", "heard again"]) happens(`${what}: Laptop`);
  assert.equal(told.splice(0).length, 5);
  for (let times = 0; times < 9; times += 1) happens("lost: Headset");
  assert.equal(told.length, 2);
});
