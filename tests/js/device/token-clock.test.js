import assert from "node:assert/strict";
import test from "node:test";

import { lifetimeOf, renewalDelay } from "../../../static/phone/device/token-clock.js";

const MINUTE = 60_000;

test("a token is renewed after three quarters of its life", () => {
  assert.equal(renewalDelay(60 * MINUTE), 45 * MINUTE);
});

test("a short life is renewed a minute before its end, a very short one half-way", () => {
  assert.equal(renewalDelay(3 * MINUTE), 2 * MINUTE);
  assert.equal(renewalDelay(MINUTE), MINUTE / 2);
  assert.equal(renewalDelay(0), 0);
});

test("the life of a token is measured by the server's clock, whatever the browser's says", () => {
  const serverNow = Date.parse("2026-11-23T10:00:00Z");
  assert.equal(lifetimeOf({ expiresAt: "2026-11-23T11:00:00+00:00", serverNow }), 60 * MINUTE);
  assert.equal(lifetimeOf({ expiresAt: "2026-11-23T09:00:00Z", serverNow }), 0);
  assert.equal(lifetimeOf({ expiresAt: "soon", serverNow }), 0);
});
