import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { formatDuration, wordsOfCall, wordsOfEnding, wordsOfWarning } from "../../../static/phone/calls/words.js";

/** What is said of a call after these events. */
function ending(direction, ...events) {
  const call = makeCall({ id: "1", direction, name: "Bob", address: "bob" });
  const over = events.reduce((before, event) => changeCall(before, { at: 0, ...event }), call);
  return wordsOfEnding(over, 65_000);
}

const error = (code) => ({ event: "error", code });

test("a call that failed says why", () => {
  assert.match(ending("outgoing", error(31486), { event: "disconnect" }), /busy/);
  assert.match(ending("outgoing", error(31603), { event: "disconnect" }), /declined/);
  assert.match(ending("outgoing", error(31404), { event: "disconnect" }), /number or name/);
  assert.match(ending("outgoing", error(99999), { event: "disconnect" }), /99999/);
});

test("a call that was held says how long", () => {
  assert.equal(ending("outgoing", { event: "accept" }, { event: "disconnect" }), "Call ended after 1:05.");
});

test("a call that stopped ringing says whose, one that was declined says nothing", () => {
  assert.equal(ending("incoming", { event: "cancel" }), "Bob stopped ringing before you answered.");
  assert.equal(ending("incoming", { event: "reject" }), "");
});

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
