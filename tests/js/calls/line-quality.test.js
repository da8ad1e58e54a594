import assert from "node:assert/strict";
import test from "node:test";

import { UNKNOWN_QUALITY, hearSample, tellQuality } from "../../../static/phone/calls/line-quality.js";

const GOOD = { mos: 4.3, rtt: 40, jitter: 3, packetsLost: 0, packetsReceived: 50 };
const FAIR = { ...GOOD, mos: 3.4, packetsLost: 3, packetsReceived: 47 };
const POOR = { ...GOOD, mos: 2.2, packetsLost: 15, packetsReceived: 35 };

/** The levels after each sample. */
function levelsAfter(samples, quality = UNKNOWN_QUALITY) {
  return samples.map((sample) => (quality = hearSample(quality, sample)).level);
}

const after = (samples) => samples.reduce(hearSample, UNKNOWN_QUALITY);
const times = (count, sample) => Array(count).fill(sample);

test("nothing is known until two seconds agree", () => {
  assert.deepEqual(levelsAfter([GOOD, POOR, GOOD, GOOD]), ["", "", "", "good"]);
});

test("one bad second is no bad line, three are", () => {
  assert.deepEqual(levelsAfter([GOOD, GOOD, POOR, POOR, GOOD, GOOD]).slice(1), times(5, "good"));
  assert.deepEqual(levelsAfter([GOOD, GOOD, POOR, POOR, POOR]).slice(-2), ["good", "poor"]);
});

test("a line gets better later than it gets worse, and no better than all of its last seconds", () => {
  const poor = after(times(2, POOR));
  assert.deepEqual(levelsAfter(times(5, GOOD), poor), [...times(4, "poor"), "good"]);
  assert.equal(levelsAfter([GOOD, GOOD, FAIR, GOOD, GOOD], poor).at(-1), "fair");
  assert.equal(levelsAfter([FAIR, POOR, POOR], after(times(2, GOOD))).at(-1), "fair");
});

test("a line that is now so, now so, keeps its level", () => {
  const swinging = Array.from({ length: 40 }, (_, second) => (second % 4 < 2 ? GOOD : POOR));
  assert.deepEqual(new Set(levelsAfter(swinging, after(times(2, GOOD)))), new Set(["good"]));
});

test("it is said what makes a line less than good", () => {
  for (const [sample, level, likely] of [
    [POOR, "poor", "loss"],
    [{ ...GOOD, jitter: 45 }, "fair", "jitter"],
    [{ ...GOOD, rtt: 900 }, "poor", "delay"],
    [{ ...GOOD, mos: 3.3 }, "fair", ""],
    [{ ...GOOD, mos: 4.3 }, "good", ""],
    [{ packetsReceived: 50 }, "good", ""],
  ]) {
    const quality = after(times(2, sample));
    assert.deepEqual([quality.level, quality.likely], [level, likely]);
  }
});

test("what a browser does not tell, or tells in vain, changes nothing", () => {
  const good = after(times(2, GOOD));
  for (const sample of [{}, { mos: NaN }, { packetsReceived: 0, packetsLost: 0, mos: 1 }]) {
    assert.equal(hearSample(good, sample), good);
  }
  assert.equal(hearSample(good, { ...GOOD, rtt: NaN, jitter: undefined, mos: null }).level, "good");
});

test("the worst second of the worst level is kept for the administrator, with how long each lasted", () => {
  const worse = { ...POOR, mos: 1.9, rtt: 812.4, jitter: 61.6 };
  const quality = after([...times(4, GOOD), ...times(4, POOR), worse, ...times(6, GOOD)]);
  assert.equal(
    tellQuality(quality),
    "worst poor: MOS 1.9, round trip 812 ms, jitter 62 ms, loss 30.0 %; good 7 s, poor 7 s",
  );
  assert.equal(tellQuality(UNKNOWN_QUALITY), "");
});
