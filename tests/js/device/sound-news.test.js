import assert from "node:assert/strict";
import test from "node:test";

import { newsOf } from "../../../static/phone/device/sound-news.js";

const one = (label, more = {}) => ({
  label, groupId: `group-${label}`, deviceId: label, isAway: false, isThere: true, choice: "", ...more,
});
const moment = (microphone, speaker = microphone, isHeard = true) => ({ microphone, speaker, isHeard });
const away = { isAway: true, choice: "Headset" };
const HEADSET = one("Headset", { choice: "Headset" });

test("a headset that is pulled out and put back is one thing, said once", () => {
  const before = moment(HEADSET);
  const after = moment(one("Laptop", away));
  const lost = newsOf(before, after);
  assert.deepEqual([lost.kind, lost.words], ["lost", "“Headset” is gone. The call goes on with “Laptop”."]);
  assert.equal(lost.report, "lost: microphone “Laptop”, speaker “Laptop”");
  assert.equal(newsOf(after, before).words, "“Headset” is back, and the call goes on there.");
  assert.equal(newsOf(before, before), null);
});

test("a microphone and a loudspeaker that go together are both named", () => {
  const before = moment(one("Mic", { choice: "Mic" }), one("Box", { choice: "Box" }));
  const after = moment(one("Laptop", { ...away, choice: "Mic" }), one("Screen", { ...away, choice: "Box" }));
  assert.equal(newsOf(before, after).words, "“Mic” and “Box” are gone. The call goes on with “Laptop” and “Screen”.");
  assert.equal(newsOf(after, before).words, "“Mic” and “Box” are back, and the call goes on there.");
});

test("that the system decides otherwise is said, and what the person has chosen is not", () => {
  const laptop = one("Laptop");
  const news = newsOf(moment(laptop), moment(one("Headset")));
  assert.deepEqual([news.kind, news.words], ["system", "The call goes on with “Headset”."]);
  const chosen = newsOf(moment(laptop), moment(HEADSET, laptop));
  assert.deepEqual([chosen.kind, chosen.words], ["chosen", ""]);
  assert.match(chosen.report, /^chosen: microphone “Headset”, speaker “Laptop”$/);
});

test("without a microphone nobody is heard, which is said once, and when it is over", () => {
  const none = moment(one("", { isThere: false, groupId: "" }), one("Laptop"), false);
  const news = newsOf(moment(HEADSET), none);
  assert.match(news.words, /^No microphone is left: nobody hears you\./);
  assert.equal(newsOf(none, none), null);
  assert.equal(newsOf(none, moment(one("Laptop"))).words, "You are heard again, by “Laptop”.");
  // There is one, but it cannot be opened.
  assert.match(newsOf(moment(HEADSET), moment(HEADSET, HEADSET, false)).words, /not open any more/);
});

test("that the browser begins to name its devices is no news", () => {
  assert.equal(newsOf(moment(one("", { groupId: "" })), moment(one("Laptop"))), null);
});
