import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { conversationsOf, isServersToEnd } from "../../../static/phone/calls/conversations.js";
import { waitingOf } from "../../../static/phone/calls/waiting.js";
import { wordsOfTalk } from "../../../static/phone/calls/words.js";
import { party, told } from "./server-states.js";

const ANSWERED = Date.parse("2026-03-01T10:00:00Z");
const placed = makeCall({ id: "1", direction: "outgoing", name: "+1 202 555 0170", address: "+12025550170,,12", callSid: "CA1" });
const open = changeCall(placed, { event: "accept", at: ANSWERED + 400 });
const ringing = makeCall({ id: "2", direction: "incoming", name: "Dave", address: "+12025550171", callSid: "CA8", rungBy: "CA2" });
const only = (...args) => {
  const found = conversationsOf(...args);
  assert.equal(found.length, 1);
  return found[0];
};

test("a call of which the server has not told is drawn from the SDK alone", () => {
  const untold = only({ calls: [open], states: [] });
  assert.deepEqual([untold.key, untold.callSid, untold.state, untold.isTold], ["1", "CA1", "open", false]);
  assert.equal(only({ calls: [placed], states: [] }).state, "connecting");
});

test("what the page heard first it keeps: the server's word may come later, or from before", () => {
  for (const [call, state, expected] of [
    [open, "ringing", "open"],
    [open, "held", "held"],
    [open, "nonsense", "open"],
    [placed, "open", "connecting"],
    [changeCall(open, { event: "reconnecting", at: 0 }), "held", "reconnecting"],
  ]) {
    assert.equal(only({ calls: [call], states: [told({ state })] }).state, expected);
  }
});

test("a call on another page, or one that is over, is not drawn", () => {
  const states = [told({ call_sid: "CA7", leg_sid: "CA7" }), told({ call_sid: "CA6", leg_sid: "" })];
  assert.deepEqual(conversationsOf({ calls: [], states }), []);
  assert.equal(only({ calls: [open], states: [told({ state: "ended" })] }).isTold, false);
});

test("a call that nobody answered is not drawn as answered while the caller hears so", () => {
  const vain = told({ state: "ended", answered_at: null });
  assert.deepEqual([vain.answeredAt, only({ calls: [open], states: [vain] }).state], [null, "connecting"]);
  const talked = told({ state: "ended", answered_at: new Date(ANSWERED).toISOString() });
  assert.equal(only({ calls: [open], states: [talked] }).state, "open");
  const greeted = told({ state: "ended", answered_at: null, cause: "no_answer" });
  assert.equal(only({ calls: [open], states: [greeted] }).state, "open");
});

test("two calls on one line are two conversations, and one stays when the other is over", () => {
  const second = told({ call_sid: "CA2", leg_sid: "CA1", direction: "incoming", name: "Dave", state: "open" });
  const both = conversationsOf({ calls: [open], states: [told({ state: "held" }), second] });
  assert.deepEqual(both.map(({ key, isShared, isSpeaking }) => [key, isShared, isSpeaking]), [
    ["1", true, false],
    ["CA2", true, true],
  ]);
  assert.ok(both.every(isServersToEnd));
  const left = only({ calls: [open], states: [told({ state: "ended" }), second] });
  assert.deepEqual([left.key, left.name, left.isShared], ["CA2", "Dave", false]);
  assert.equal(isServersToEnd(left), false);
});

test("who is talked to keeps what was dialled after the answer, and the name that the server knows", () => {
  const named = makeCall({ ...open, name: "+12025550170,,12" });
  const one = only({ calls: [{ ...named, status: "open" }], states: [told()] });
  assert.deepEqual([one.name, one.address], ["Carol", "+12025550170,,12"]);
});

test("once somebody else is at the other end, the server says who", () => {
  const passed = told({ name: "Dave", address: "+12025550171", is_another: true });
  const one = only({ calls: [open], states: [passed] });
  assert.deepEqual([one.name, one.address], ["Dave", "+12025550171"]);
});

test("who was put on hold is told so, and who holds another is not", () => {
  const me = (state) => told({ state: "held", parties: [party("me", { is_me: true, state }), party("Bob", { state: "held" })] });
  const aside = only({ calls: [open], states: [me("held")] });
  assert.deepEqual([aside.isAside, wordsOfTalk(aside, "", "0:09")], [true, "You are on hold · 0:09"]);
  assert.equal(wordsOfTalk(only({ calls: [open], states: [me("talking")] }), "", "0:09"), "On hold · 0:09");
});

test("the time runs from the answer, by this browser's clock, however wrong that is", () => {
  const hour = 3_600_000;
  const openedAtOf = (call, state, serverAhead) => only({ calls: [call], states: [state], serverAhead }).openedAt;
  assert.equal(openedAtOf(open, told(), 0), ANSWERED + 400);
  const slow = changeCall(placed, { event: "accept", at: ANSWERED - hour + 400 });
  assert.equal(openedAtOf(slow, told(), hour), ANSWERED - hour + 400);
  // Taken over from a page that died: it has lasted longer than this page's line.
  const takenOver = changeCall(placed, { event: "accept", at: ANSWERED - hour + 300_000 });
  assert.equal(openedAtOf(takenOver, told(), hour), ANSWERED - hour);
  const second = told({ call_sid: "CA2", answered_at: null });
  assert.equal(openedAtOf(open, second, 0), null);
});

test("the others are listed where there is more than one to tell, without oneself and who is gone", () => {
  const me = party("me", { is_me: true });
  const list = (state, ...parties) =>
    only({ calls: [open], states: [told({ state, parties: [me, ...parties] })] }).parties.map(({ id }) => id);
  assert.deepEqual(list("open", party("carol")), []);
  assert.deepEqual(list("conference", party("carol"), party("dave")), ["carol", "dave"]);
  assert.deepEqual(list("consulting", party("carol", { state: "held" })), ["carol"]);
  assert.deepEqual(list("consulting", party("carol", { state: "held" }), party("bob")), ["bob", "carol"]);
  assert.deepEqual(list("open", party("carol"), party("dave", { state: "gone" })), []);
});

test("who could not be had is told of until somebody else is brought in", () => {
  const failed = (...parties) => only({ calls: [open], states: [told({ parties: [party("carol"), ...parties] })] }).failed;
  const declined = party("bob", { role: "consulted", state: "gone", cause: "declined", words: "Bob declined." });
  assert.deepEqual([failed(declined)?.cause, failed(declined)?.words], ["declined", "Bob declined."]);
  assert.equal(failed({ ...declined, words: "" })?.words, "bob did not come to the call.");
  assert.equal(failed(declined, party("dave", { role: "added", state: "ringing" })), null);
  assert.equal(failed({ ...declined, cause: "answered" }), null);
  assert.equal(failed({ ...declined, role: "called" }), null);
});

test("a call that rings is known to the server by the Call, and is gone once it is joined there", () => {
  const state = told({ call_sid: "CA2", leg_sid: "CA8", state: "ringing", can: ["answer", "voicemail"] });
  const followed = { ...ringing, id: "again", callSid: "CA9" };
  assert.deepEqual(waitingOf([ringing, followed], [], []).map(({ call }) => call.id), [ringing.id]);
  const before = waitingOf([open, ringing], [state], conversationsOf({ calls: [open, ringing], states: [state] }));
  assert.deepEqual(before.map(({ callSid, can }) => [callSid, can]), [["CA2", ["answer", "voicemail"]]]);
  const states = [told({ state: "held" }), told({ call_sid: "CA2", leg_sid: "CA1" })];
  assert.deepEqual(waitingOf([open, ringing], states, conversationsOf({ calls: [open, ringing], states })), []);
});
