import assert from "node:assert/strict";
import test from "node:test";

import { Retry, backoffDelay } from "../../../static/phone/relay/backoff.js";

test("pauses double up to a cap and are spread by a quarter either way", () => {
  const pause = (attempt, random) => backoffDelay({ attempt, base: 1000, cap: 60_000, random: () => random });
  assert.deepEqual([0, 1, 2, 3].map((n) => pause(n, 0.5)), [1000, 2000, 4000, 8000]);
  assert.equal(pause(50, 0.5), 60_000);
  assert.equal(pause(0, 0), 750);
  assert.equal(pause(0, 1), 1250);
});

test("each try comes later than the one before, until something succeeds", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(Math, "random", () => 0.5);
  const retry = new Retry({ base: 1000, cap: 60_000 });
  let tries = 0;
  const triesAfter = (ms, atLeast) => {
    retry.after(() => (tries += 1), atLeast);
    t.mock.timers.tick(ms - 1);
    const early = tries;
    t.mock.timers.tick(1);
    return [early, tries];
  };
  assert.deepEqual(triesAfter(1000), [0, 1]);
  assert.deepEqual(triesAfter(2000), [1, 2]);
  retry.reset();
  assert.deepEqual(triesAfter(1000), [2, 3]);
  assert.deepEqual(triesAfter(30_000, 30_000), [3, 4]);
});

test("a try that is still to come gives way to the next, and to a cancellation", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const retry = new Retry({ base: 1000, cap: 60_000 });
  const tried = [];
  retry.after(() => tried.push("first"));
  retry.after(() => tried.push("second"));
  t.mock.timers.tick(60_000);
  retry.after(() => tried.push("third"));
  retry.cancel();
  t.mock.timers.tick(60_000);
  assert.deepEqual(tried, ["second"]);
});
