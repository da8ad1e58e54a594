import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { endingOf, joinEndings } from "../../../static/phone/calls/ending.js";
import { causes } from "../stand-ins.js";

const NOW = 65_000;

/** Why a call is over after these events, as the page knows it. */
function endingAfter(direction, events, known = {}) {
  const call = makeCall({ id: "1", direction, name: "Bob", address: "bob" });
  const over = events.reduce((before, event) => changeCall(before, { at: NOW, ...event }), call);
  return endingOf(over, { now: NOW, causes, ...known });
}

const error = (code, originalCode = null, at = NOW) => ({ event: "error", code, originalCode, at });
const accept = (at = 0) => ({ event: "accept", at });
const over = { event: "disconnect" };

test("what the SDK or the gateway says of the end is the cause, the gateway's own code first", () => {
  for (const [event, cause] of [
    [error(31486), "busy"],
    [error(31603), "declined"],
    [error(31480), "no_answer"],
    [error(31005, 31486), "busy"],
    [error(31005, 99999), "connection_lost"],
    [error(31005, 21218), "twiml_app_missing"],
    [error(31404), "twiml_app_missing"],
    [error(31005, 31203), "account_not_active"],
    [error(31206), "concurrency_limit"],
    [error(31500), "twilio_unavailable"],
    [error(31005, 10004), "concurrency_limit"],
    [error(31005, 10005), "voice_disabled"],
    [error(31005, 13214), "caller_id_refused"],
    [error(31005, 13224), "number_unreachable"],
    [error(31005, 13805), "trial_limit"],
    [error(53001), "connection_lost"],
    [error(99999), "unclear"],
  ]) {
    const ending = endingAfter("outgoing", [event, over]);
    assert.deepEqual([ending.cause, ending.isSure], [cause, true]);
    assert.notEqual(ending.words, "");
  }
});

test("which country is not allowed the server says", () => {
  for (const code of [13227, 21215]) {
    const ending = endingAfter("outgoing", [error(31005, code), over]);
    assert.deepEqual([ending.cause, ending.isSure], ["country_not_allowed", false]);
  }
});

test("a connection that was lost in a call is no end like any other", () => {
  const ending = endingAfter("outgoing", [accept(), error(53001), over]);
  assert.deepEqual([ending.cause, ending.isSure], ["connection_lost", true]);
});

test("of a server that could not be asked the cause stands, and Dog n Bone's own can say closer which", () => {
  for (const code of [31503, 11200]) {
    const ending = endingAfter("outgoing", [error(31005, code), over], { isNamed: false });
    assert.deepEqual([ending.cause, ending.isSure, ending.isFirm], ["webhook_failed", false, true]);
  }
});

test("a call that was not to be had back was lost with the connection", () => {
  assert.equal(endingAfter("outgoing", [accept(), error(31209), over]).cause, "connection_lost");
});

test("a refused microphone is told from none, and from one in use", () => {
  for (const [microphone, cause, words] of [
    ["microphone_denied", "microphone_denied", /does not allow it/],
    ["microphone_insecure", "microphone_denied", /begins with http:/],
    ["microphone_dismissed", "microphone_denied", /question about it was closed/],
    ["microphone_system", "microphone_denied", /keep it from this browser/],
    ["microphone_policy", "microphone_denied", /a rule forbids it/],
    ["microphone_none", "microphone_missing", /sees none/],
    ["microphone_in_use", "microphone_missing", /something else is using it/],
    [undefined, "microphone_missing", /none could be opened/],
  ]) {
    const ending = endingAfter("outgoing", [error(31402), over], { microphone, isNamed: false });
    assert.equal(ending.cause, cause);
    assert.match(ending.words, words);
  }
  assert.equal(endingAfter("outgoing", [error(31401), over]).cause, "microphone_denied");
});

test("sound that found no way was blocked, sound that was lost later was cut off", () => {
  assert.equal(endingAfter("outgoing", [accept(NOW - 31_000), error(53405), over]).cause, "media_blocked");
  assert.equal(endingAfter("outgoing", [error(53405), over]).cause, "media_blocked");
  assert.equal(endingAfter("outgoing", [accept(NOW - 60_000), error(53405), over]).cause, "connection_lost");
});

test("an error that the call outlived did not end it", () => {
  const ending = endingAfter("outgoing", [accept(), error(31005, null, NOW - 20_000), over]);
  assert.deepEqual([ending.cause, ending.isSure], ["answered", false]);
});

test("a call that was held says how long", () => {
  assert.equal(endingAfter("outgoing", [accept(), over]).words, "Call ended after 1:05.");
});

test("a call that stopped ringing was missed, one that was declined here too, and each says so", () => {
  const stopped = endingAfter("incoming", [{ event: "cancel" }]);
  assert.deepEqual([stopped.cause, stopped.words], ["missed", "Bob stopped ringing before you answered."]);
  const declined = endingAfter("incoming", [{ event: "reject" }]);
  assert.deepEqual([declined.cause, declined.words], ["missed", "You declined the call."]);
});

test("a call that Twilio never heard of was given up here; of any other the server knows", () => {
  assert.equal(endingAfter("outgoing", [over], { isNamed: false }).cause, "canceled");
  assert.deepEqual(
    [endingAfter("outgoing", [over]).cause, endingAfter("outgoing", [over]).isSure],
    ["no_answer", false],
  );
});

test("the server says who hung up, the page how long it took", () => {
  const own = endingAfter("outgoing", [accept(), over]);
  const answer = { ...causes.texts.answered, words: "Bob hung up." };
  assert.equal(joinEndings(own, answer, causes).words, "Call ended after 1:05. Bob hung up.");
  assert.equal(joinEndings(own, causes.texts.answered, causes).words, "Call ended after 1:05.");
  assert.equal(joinEndings(own, causes.texts.busy, causes).words, "The line is busy.");
});
