import assert from "node:assert/strict";
import test from "node:test";

import { Start } from "../../../static/phone/page/start.js";

/** A start of which every step is on record, by a clock of the test's. */
function begin(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const steps = [];
  const start = new Start(() => steps.push("ready"));
  void start.settled.then(() => steps.push("settled"));
  const pass = async (milliseconds) => {
    t.mock.timers.tick(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { start, steps, pass };
}

test("what waits begins once the phone is ready, and what belongs to it once", async (t) => {
  const { start, steps, pass } = begin(t);
  for (const state of ["connecting", "ready", "error", "ready"]) {
    start.phoneIs(state);
    start.deviceIs(state);
    await pass(1);
  }
  assert.deepEqual(steps.sort(), ["ready", "settled"]);
});

test("it begins as soon as the phone cannot be ready, or another tab is the phone", async (t) => {
  const { start, steps, pass } = begin(t);
  start.phoneIs("error");
  await pass(1);
  assert.deepEqual(steps, ["settled"]);
});

test("it waits for half a second at most", async (t) => {
  const { start, steps, pass } = begin(t);
  start.phoneIs("connecting");
  await pass(499);
  assert.deepEqual(steps, []);
  await pass(1);
  assert.deepEqual(steps, ["settled"]);
});

test("nothing is laid out until the phone is ready, or has had its time for that", async (t) => {
  const classes = new Set();
  const classList = { add: (name) => classes.add(name), remove: (name) => classes.delete(name) };
  globalThis.document = { documentElement: { classList } };
  t.after(() => delete globalThis.document);
  for (const state of ["ready", "connecting"]) {
    const { start, steps, pass } = begin(t);
    void start.draw().then(() => steps.push("drawn"));
    start.phoneIs(state);
    assert.deepEqual([...classes], ["is-starting"]);
    await pass(state === "ready" ? 1 : 99);
    assert.equal(steps.includes("drawn"), state === "ready");
    await pass(1);
    assert.deepEqual([[...classes], steps.includes("drawn")], [[], true]);
    t.mock.timers.reset();
  }
});

test("what is seen already is not hidden again", async (t) => {
  const { start } = begin(t);
  t.mock.method(performance, "getEntriesByType", () => [{ name: "first-paint" }]);
  // There is no document here to hide.
  await start.draw();
});
