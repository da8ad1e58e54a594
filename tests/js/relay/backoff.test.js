import assert from "node:assert/strict";
import test from "node:test";

import { backoffDelay } from "../../../static/phone/relay/backoff.js";

test("pauses double up to a cap and are spread by a quarter either way", () => {
  const pause = (attempt, random) => backoffDelay({ attempt, base: 1000, cap: 60_000, random: () => random });
  assert.deepEqual([0, 1, 2, 3].map((n) => pause(n, 0.5)), [1000, 2000, 4000, 8000]);
  assert.equal(pause(50, 0.5), 60_000);
  assert.equal(pause(0, 0), 750);
  assert.equal(pause(0, 1), 1250);
});
