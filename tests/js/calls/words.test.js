import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { formatDuration, wordsOfCall, wordsOfWarning } from "../../../static/phone/calls/words.js";

test("hours are shown once there are any", () => {
  assert.equal(formatDuration(9_000), "0:09");
  assert.equal(formatDuration(3_723_000), "1:02:03");
  assert.equal(formatDuration(-5), "0:00");
});

test("a warning that nobody can act on says nothing", () => {
  assert.notEqual(wordsOfWarning("low-mos"), "");
  assert.equal(wordsOfWarning("constant-audio-output-level"), "");
});

test("a call that waits for the browser's question says so, and nothing of it once it rings", () => {
  const call = makeCall({ id: "1", direction: "outgoing", name: "Bob", address: "bob" });
  assert.equal(wordsOfCall(call, ""), "Connecting…");
  assert.match(wordsOfCall(call, "asking"), /asking for the microphone: allow it/);
  assert.match(wordsOfCall(call, "waiting"), /Waiting for the microphone/);
  assert.equal(wordsOfCall(changeCall(call, { event: "ringing", at: 0 }), "asking"), "Ringing…");
});
