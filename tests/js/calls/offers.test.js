import assert from "node:assert/strict";
import test from "node:test";

import { changeCall, makeCall } from "../../../static/phone/calls/call-state.js";
import { conversationsOf } from "../../../static/phone/calls/conversations.js";
import { waitingOf } from "../../../static/phone/calls/waiting.js";
import { offersOf, offersOfWaiting, offersTo } from "../../../static/phone/calls/offers.js";
import { told } from "./server-states.js";

const placed = makeCall({ id: "1", direction: "outgoing", name: "Carol", address: "+12025550170", callSid: "CA1" });
const open = changeCall(placed, { event: "accept", at: 0 });
const calm = { isServerLost: false, underWay: "", now: 60_000 };

/** The offers of a call that the server tells of so. */
function offers(more = {}, circumstances = {}, call = open) {
  const states = more ? [told(more)] : [];
  const [conversation] = conversationsOf({ calls: [call], states });
  return offersOf(conversation, { ...calm, ...circumstances });
}

const shown = (all) => Object.keys(all).filter((name) => all[name].isShown);

test("before the answer there is nothing to do but to hang up", () => {
  assert.deepEqual(shown(offers({ state: "ringing" }, {}, placed)), ["hang-up"]);
});

test("in a plain call what cannot be done is there, and says why", () => {
  const found = offers({ can: ["hold", "leave"], cannot: { transfer: "No login.", add: "No login.", record: "Off." } });
  assert.deepEqual(shown(found), ["hang-up", "mute", "hold", "keypad", "transfer", "add", "record"]);
  assert.deepEqual([found.hold.isDisabled, found.hold.why], [false, ""]);
  assert.deepEqual([found.transfer.isDisabled, found.transfer.why], [true, "No login."]);
  assert.equal(found.record.why, "Off.");
});

test("a page that has answered before the server has heard of it offers what waits for that", () => {
  const cannot = { hold: "Not said yet.", transfer: "Not said yet.", add: "No login." };
  const early = offers({ state: "ringing", can: [], soon: ["hold", "transfer"], cannot });
  assert.deepEqual([early.hold, early.transfer].map(({ isDisabled, why }) => [isDisabled, why]), [[false, ""], [false, ""]]);
  assert.equal(early.add.why, "No login.");
  const placing = offers({ state: "ringing", can: [], soon: ["hold"], cannot }, {}, placed);
  assert.deepEqual(shown(placing), ["hang-up"]);
});

test("while a message is left, in a call that is over, nobody is there to be held or sent on", () => {
  const found = offers({ state: "ended", can: [] });
  assert.deepEqual([found.hold.isDisabled, found.hold.why], [true, "Nobody else is in this call."]);
  assert.equal(found["hang-up"].isDisabled, false);
});

test("a held call is resumed, a consulted one decided, a conference left", () => {
  const held = offers({ state: "held", can: ["resume"] });
  assert.deepEqual([held.hold.label, held.hold.deed, held.hold.isDisabled], ["Resume", "resume", false]);
  const consulting = offers({ state: "consulting", can: ["complete", "back"], cannot: { join: "They still ring." } });
  assert.deepEqual(shown(consulting), ["hang-up", "mute", "keypad", "complete", "back", "join"]);
  assert.equal(consulting.join.why, "They still ring.");
  const conference = offers({ state: "conference", can: ["leave", "remove", "add"] });
  assert.deepEqual(shown(conference), ["hang-up", "mute", "keypad", "add", "leave", "remove"]);
});

test("a recording can be stopped, paused and gone on with", () => {
  const on = offers({ recording: "on", can: ["stop-recording", "pause-recording"] });
  assert.deepEqual([on.record.label, on.pause.label, on.pause.deed], ["Stop recording", "Pause recording", "pause-recording"]);
  const paused = offers({ recording: "paused", can: ["stop-recording", "record"] });
  assert.deepEqual([paused.pause.label, paused.pause.deed, paused.pause.isDisabled], ["Resume recording", "record", false]);
});

test("while one thing is done nothing else of the server's is, and its button says so", () => {
  const busy = offers({ can: ["hold", "transfer", "add"] }, { underWay: "hold" });
  assert.deepEqual([busy.hold.label, busy.hold.isBusy, busy.hold.isDisabled], ["Holding…", true, true]);
  assert.deepEqual([busy.transfer.isDisabled, busy.transfer.why], [true, ""]);
  assert.deepEqual([busy.mute.isDisabled, busy["hang-up"].isDisabled], [false, false]);
});

test("without the server one talks on, mutes and hangs up; the rest says that it is away", () => {
  const lost = offers({ can: ["hold"] }, { isServerLost: true });
  assert.match(lost.hold.why, /cannot be reached/);
  assert.deepEqual([lost.hold.isDisabled, lost.mute.isDisabled, lost["hang-up"].isDisabled], [true, false, false]);
});

test("a server that is a moment late is given it before anybody is told", () => {
  const early = offers(null, { now: 1_000 });
  assert.deepEqual([early.hold.isShown, early.hold.isDisabled, early.hold.why], [true, true, ""]);
  assert.match(offers(null).hold.why, /has not told/);
});

test("of two calls the held one is resumed or ended, and is not spoken to", () => {
  const states = [told({ state: "held", can: ["resume"] }), told({ call_sid: "CA2", can: ["hold"] })];
  const [held, speaking] = conversationsOf({ calls: [open], states }).map((one) => offersOf(one, calm));
  assert.deepEqual(shown(held), ["hang-up", "hold"]);
  assert.deepEqual(shown(speaking), ["hang-up", "mute", "hold", "keypad"]);
});

test("a dialog offers each of its ways, with a reason for each", () => {
  const [conversation] = conversationsOf({ calls: [open], states: [told({ can: ["transfer"], cannot: { consult: "No." } })] });
  const found = offersTo(conversation, ["transfer", "consult"], calm);
  assert.deepEqual([found.transfer.isDisabled, found.consult.isDisabled, found.consult.why], [false, true, "No."]);
});

test("a second call is held and answered only during a first, and sent to a voicemail that there is", () => {
  const ringing = makeCall({ id: "2", direction: "incoming", name: "Dave", address: "", callSid: "CA8", rungBy: "CA2" });
  const find = (more, isInCall) => {
    const [waiting] = waitingOf([ringing], [told({ call_sid: "CA2", state: "ringing", ...more })], []);
    return offersOfWaiting(waiting, { ...calm, isInCall });
  };
  assert.deepEqual(shown(find({ can: ["answer", "voicemail"] }, false)), ["voicemail"]);
  const second = find({ can: ["answer"], cannot: { voicemail: "There is none." } }, true);
  assert.deepEqual(shown(second), ["hold-and-answer", "voicemail"]);
  assert.deepEqual([second["hold-and-answer"].isDisabled, second.voicemail.why], [false, "There is none."]);
});

test("a call that has just begun to ring gives the server a moment, too, before it is said to be silent", () => {
  const ringing = makeCall({ id: "2", direction: "incoming", name: "Dave", address: "", rungBy: "CA2", begunAt: 60_000 });
  const [waiting] = waitingOf([ringing], [], []);
  const why = (now) => offersOfWaiting(waiting, { ...calm, now, isInCall: true })["hold-and-answer"].why;
  assert.equal(why(63_000), "");
  assert.match(why(63_001), /has not told/);
});

test("in an echo test one can be muted and hang up, whatever the server knows of it", () => {
  const echo = { ...open, isEcho: true };
  assert.deepEqual(shown(offers(null, {}, echo)), ["hang-up", "mute"]);
});
