import assert from "node:assert/strict";
import test from "node:test";

import { NOTHING, noticeOf } from "../../../static/phone/calls/line-notice.js";

const GOOD = { level: "good", likely: "" };
const OPEN = { status: "open", warnings: [], isMuted: false, reconnectCode: null };

/** Every different thing that was said, in order, when second by second this was so. */
function saidOf(seconds) {
  const said = [];
  let notice = NOTHING;
  seconds.forEach(({ quality = GOOD, ...call }, second) => {
    notice = noticeOf(notice, { ...OPEN, ...call }, quality, second * 1000);
    const words = notice.kind && `${notice.kind}${notice.isOver ? " over" : ""}`;
    if (words !== said.at(-1)) said.push(words);
  });
  return said;
}

const times = (count, state = {}) => Array(count).fill(state);
const warned = (...warnings) => ({ warnings });
const reconnecting = (reconnectCode) => ({ status: "reconnecting", reconnectCode });

test("a trouble is said once, that it is over once, and then nothing", () => {
  const seconds = [...times(2), ...times(5, warned("high-packet-loss")), ...times(20)];
  assert.deepEqual(saidOf(seconds), ["", "loss", "loss over", ""]);
});

test("what comes and goes within seconds is said once", () => {
  const flickering = [warned("high-jitter"), warned("high-jitter"), {}, {}, warned("high-jitter"), {}];
  assert.deepEqual(saidOf([...flickering, ...flickering, ...flickering, ...times(15)]), ["jitter", "jitter over", ""]);
});

test("of several troubles the first stands, unless sound itself is lost", () => {
  const loss = warned("high-packet-loss");
  const both = warned("high-packet-loss", "low-mos", "high-rtt");
  assert.deepEqual(saidOf([...times(3, loss), ...times(3, both), ...times(3, loss), ...times(15)]), ["loss", "loss over", ""]);
  const gone = warned("high-packet-loss", "low-bytes-received");
  assert.deepEqual(saidOf([...times(3, loss), ...times(3, gone)]), ["loss", "no_sound_in"]);
});

test("what is left of several troubles is said when the first is over", () => {
  const both = warned("high-packet-loss", "high-rtt");
  assert.deepEqual(saidOf([...times(3, both), ...times(6, warned("high-rtt"))]), ["loss", "delay"]);
});

test("a silent microphone is none that is muted", () => {
  const silent = warned("constant-audio-input-level");
  assert.deepEqual(saidOf(times(3, silent)), ["microphone"]);
  assert.deepEqual(saidOf(times(3, { ...silent, isMuted: true })), [""]);
});

test("a meter that says poor says why, also where the SDK does not warn; fair is no warning", () => {
  assert.deepEqual(saidOf(times(3, { quality: { level: "poor", likely: "delay" } })), ["delay"]);
  assert.deepEqual(saidOf(times(3, { quality: { level: "poor", likely: "" } })), ["poor"]);
  assert.deepEqual(saidOf(times(3, { quality: { level: "fair", likely: "loss" } })), [""]);
  assert.deepEqual(saidOf(times(3, warned("constant-audio-output-level"))), [""]);
});

test("reconnecting and connected again are said each once, whatever else was wrong", () => {
  const seconds = [warned("high-rtt"), ...times(3, { ...reconnecting(53001), ...warned("low-bytes-received") })];
  const back = [...times(3, warned("low-bytes-received")), ...times(12)];
  assert.deepEqual(saidOf([...seconds, ...back]), ["delay", "reconnecting", "reconnecting over", ""]);
});

test("sound that is cut off is told from Twilio's word that is", () => {
  assert.deepEqual(saidOf([reconnecting(53405), {}]), ["reconnecting_sound", "reconnecting_sound over"]);
});

test("what is still wrong a while after the call has come back is said then", () => {
  const seconds = [reconnecting(53001), ...times(8, warned("low-bytes-received"))];
  assert.deepEqual(saidOf(seconds), ["reconnecting", "reconnecting over", "no_sound_in"]);
});

test("a line that is now so, now so, is warned of once in half a minute; that there is no sound, each time", () => {
  const swing = (warning) => [...times(2, warned(warning)), ...times(6)];
  const swinging = (warning) => [...swing(warning), ...swing(warning), ...swing(warning), ...times(10)];
  assert.deepEqual(saidOf(swinging("high-packet-loss")), ["loss", "loss over", ""]);
  const later = [...swing("high-packet-loss"), ...times(30), ...swing("high-packet-loss")];
  assert.deepEqual(saidOf(later), ["loss", "loss over", "", "loss", "loss over"]);
  const silent = saidOf(swinging("low-bytes-received")).filter((words) => words === "no_sound_in");
  assert.equal(silent.length, 3);
});

test("what was said before the connection was lost is not said again after it", () => {
  const loss = warned("high-packet-loss");
  const seconds = [...times(2, loss), { ...reconnecting(53001), ...loss }, ...times(14, loss)];
  assert.deepEqual(saidOf(seconds), ["loss", "reconnecting", "reconnecting over", ""]);
});
