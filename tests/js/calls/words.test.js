import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { formatDuration, wordsOfCall, wordsOfNotice, wordsOfQuality } from "../../../static/phone/calls/words.js";

test("hours are shown once there are any", () => {
  assert.equal(formatDuration(9_000), "0:09");
  assert.equal(formatDuration(3_723_000), "1:02:03");
  assert.equal(formatDuration(-5), "0:00");
});

test("what is wrong with a line is said with one thing to do, and that it is over", () => {
  for (const kind of ["no_way", "no_sound_in", "no_sound_out", "microphone", "loss", "jitter", "delay", "poor"]) {
    const now = wordsOfNotice({ kind, isOver: false });
    assert.equal(now.split(/[.:?] /).length >= 2, true, now);
    assert.notEqual(wordsOfNotice({ kind, isOver: true }), now);
  }
  assert.equal(wordsOfNotice({ kind: "", isOver: false }), "");
});

test("reconnecting for the sound's sake is told from reconnecting for Twilio's, and both from being back", () => {
  const words = ["reconnecting", "reconnecting_sound"].map((kind) => wordsOfNotice({ kind, isOver: false }));
  assert.equal(new Set([...words, wordsOfNotice({ kind: "reconnecting", isOver: true })]).size, 3);
});

test("the quality of a line says what it likely is, but of a good one nothing", () => {
  assert.equal(wordsOfQuality({ level: "good", likely: "delay" }), "Good line");
  assert.equal(wordsOfQuality({ level: "fair", likely: "" }), "Fair line");
  assert.equal(wordsOfQuality({ level: "poor", likely: "loss" }), "Poor line: sound is lost");
  assert.equal(wordsOfQuality({ level: "", likely: "" }), "");
});

test("a call that waits for the browser's question says so, and nothing of it once it rings", () => {
  const call = makeCall({ id: "1", direction: "outgoing", name: "Bob", address: "bob" });
  assert.equal(wordsOfCall(call, ""), "Connecting…");
  assert.match(wordsOfCall(call, "asking"), /asking for the microphone: allow it/);
  assert.match(wordsOfCall(call, "waiting"), /Waiting for the microphone/);
  assert.equal(wordsOfCall(changeCall(call, { event: "ringing", at: 0 }), "asking"), "Ringing…");
});
