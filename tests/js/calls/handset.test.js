import assert from "node:assert/strict";
import test from "node:test";

import { Handset } from "../../../static/phone/calls/handset.js";
import { Switchboard } from "../../../static/phone/calls/switchboard.js";
import { causes } from "../stand-ins.js";
import { told } from "./server-states.js";

/** A handset whose calls write down what is done with them. */
function makeHandset({ connect = async () => {}, isDone = true, moved = [], states = [] } = {}) {
  const did = [];
  const deeds = {
    board: { states, underWay: {}, said: {} },
    act: async (callSid, deed, fields) => {
      did.push([callSid, deed, ...(fields ? [fields] : [])]);
      return { isDone, words: isDone ? "" : "The server is away.", cause: "" };
    },
    tell: (callSid, words) => {
      deeds.board.said = { ...deeds.board.said, [callSid]: words ? { words } : undefined };
      did.push([callSid, "tell", words]);
    },
    wasMoved: (callSid) => moved.includes(callSid),
  };
  const notes = { typed: () => {}, left: () => {} };
  const write = (id, verb) => (...what) => did.push([id, verb, ...what]);
  const verbs = ["accept", "reject", "disconnect", "mute", "sendDigits"];
  const get = (id) => (id ? Object.fromEntries(verbs.map((verb) => [verb, write(id, verb)])) : undefined);
  const hangUp = (id) => get(id)?.disconnect();
  const nothing = () => {};
  const switchboard = new Switchboard({
    changed: nothing,
    report: nothing,
    playTone: nothing,
    suspect: nothing,
    getMicrophoneRefusal: () => "",
    getState: () => "ready",
    ended: nothing,
    causes,
    isTalkedHere: () => false,
    isSentAway: () => false,
    askEnding: async () => {},
  });
  const hear = (id, direction, event, more = {}) =>
    switchboard.heard({ id, direction, event, name: "Bob", address: "bob", callSid: "CA1", ...more });
  const handset = new Handset({ device: { connect, calls: { get, hangUp } }, switchboard, deeds, notes });
  return { handset, switchboard, hear, did };
}

const talk = { callSid: "CA1", state: "open", isShared: false, openedAt: 0, line: { id: "1", openedAt: 0 } };

/** A handset in a call, and what is done from then on. */
function makeHandsetInCall(options) {
  const made = makeHandset(options);
  made.hear("1", "outgoing", "outgoing");
  made.hear("1", "outgoing", "accept");
  return made;
}

test("a plain call ends at once, one that goes by way of a conference once the server knows of it", async () => {
  const plain = makeHandsetInCall();
  await plain.handset.hangUp(talk);
  assert.deepEqual(plain.did, [["1", "disconnect"]]);

  const moved = makeHandsetInCall({ moved: ["CA1"] });
  await moved.handset.hangUp(talk);
  assert.deepEqual(moved.did, [["CA1", "hang-up"], ["1", "disconnect"]]);
});

test("the line goes after the server has ended a conference, or could not", async () => {
  const conference = { ...talk, state: "conference" };
  const asked = makeHandsetInCall();
  await asked.handset.hangUp(conference);
  assert.deepEqual(asked.did, [["CA1", "hang-up"], ["1", "disconnect"]]);

  const alone = makeHandsetInCall({ isDone: false });
  await alone.handset.hangUp(conference);
  assert.deepEqual(alone.did, [["CA1", "hang-up"], ["1", "disconnect"]]);
});

test("a server that is slow to end a conference keeps nobody in it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { handset, did } = makeHandsetInCall();
  handset.deeds.act = () => new Promise(() => {});
  void handset.hangUp({ ...talk, state: "conference" });
  t.mock.timers.tick(2_999);
  assert.deepEqual(did, []);
  t.mock.timers.tick(1);
  assert.deepEqual(did, [["1", "disconnect"]]);
});

test("what is ended late is the line that was meant, not the one that has been answered since", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const isAnswered of [true, false]) {
    const { handset, hear, did } = makeHandsetInCall();
    let resolve;
    handset.deeds.act = () => new Promise((answered) => (resolve = answered));
    const ended = handset.hangUp({ ...talk, state: "conference" });
    hear("1", "outgoing", "disconnect");
    hear("2", "incoming", "incoming", { callSid: "CA8" });
    hear("2", "incoming", "accept", { callSid: "CA8" });
    if (isAnswered) resolve({ isDone: true, words: "" });
    else t.mock.timers.tick(3_000);
    if (isAnswered) await ended;
    assert.deepEqual(did, [["1", "disconnect"]]);
  }
});

test("one of two calls is not ended together with the other unless it is asked for twice", async () => {
  const one = { ...talk, isShared: true };
  const asked = makeHandsetInCall();
  await asked.handset.hangUp(one);
  assert.deepEqual(asked.did, [["CA1", "hang-up"]]);

  const { handset, did } = makeHandsetInCall({ isDone: false });
  await handset.hangUp(one);
  assert.deepEqual(did, [
    ["CA1", "hang-up"],
    ["CA1", "tell", "The server is away. Hang up once more to leave both calls."],
  ]);
  await handset.hangUp(one);
  assert.deepEqual(did.at(-1), ["1", "disconnect"]);
});

test("to hang up once more leaves both calls only while that is what is said", async () => {
  const one = { ...talk, isShared: true };
  const stuck = async () => {
    const made = makeHandsetInCall({ isDone: false });
    await made.handset.hangUp(one);
    made.did.length = 0;
    return made;
  };
  const read = await stuck();
  read.handset.seen(one);
  await read.handset.hangUp(one);
  assert.deepEqual(read.did.slice(0, 2), [["CA1", "tell", ""], ["CA1", "hang-up"]]);

  const { handset, did } = await stuck();
  handset.deeds.act = async (...what) => did.push(what) && { isDone: true, words: "" };
  await handset.act({ callSid: "CA2" }, "resume");
  await handset.hangUp(one);
  assert.deepEqual(did, [["CA2", "resume", {}], ["CA1", "tell", ""], ["CA1", "hang-up"]]);
});

test("a PIN is sent tone by tone, with its pauses, and no longer than the call lasts", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { handset, switchboard, hear, did } = makeHandsetInCall();
  handset.digit("12,3w4");
  const sent = () => did.map(([, , digit]) => digit).join("");
  assert.equal(sent(), "1");
  t.mock.timers.tick(250);
  assert.equal(sent(), "12");
  t.mock.timers.tick(250);
  t.mock.timers.tick(1_999);
  assert.equal(sent(), "12");
  t.mock.timers.tick(1);
  assert.equal(switchboard.board.digits, "123");
  hear("1", "outgoing", "disconnect");
  t.mock.timers.tick(10_000);
  assert.equal(sent(), "123");
});

test("the rest of a PIN is for neither the colleague who is asked meanwhile nor the other call of the line", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const second = told({ call_sid: "CA2", leg_sid: "CA1" });
  for (const states of [[told({ state: "consulting" })], [told({ state: "held" }), second], [second]]) {
    const { handset, did } = makeHandsetInCall({ states: [told()] });
    handset.digit("12,3");
    handset.deeds.board.states = states;
    t.mock.timers.tick(10_000);
    assert.deepEqual(did, [["1", "sendDigits", "1"]]);
  }
  const { handset, did } = makeHandsetInCall();
  handset.digit("12");
  // The server's first word of the call is no news of who hears it.
  handset.deeds.board.states = [told()];
  t.mock.timers.tick(10_000);
  assert.equal(did.length, 2);
});

test("a paste that holds more than tones is not sent, and says so in the call", () => {
  const { handset, did } = makeHandsetInCall();
  handset.digit("my PIN is 1234", talk);
  assert.deepEqual(did, [["CA1", "tell", "Only digits, * and #, and a comma for a pause, can be sent as tones."]]);
});

test("what is done is done to the call that has the microphone, not to one that waits", () => {
  const { handset, hear, did } = makeHandset();
  hear("waits", "incoming", "incoming");
  handset.hangUp();
  hear("talks", "outgoing", "outgoing");
  handset.hangUp();
  handset.answer("waits");
  handset.decline("waits");
  assert.deepEqual(did, [["talks", "disconnect"], ["waits", "accept"], ["waits", "reject"]]);
});

test("to answer another while one is in a conference tells the server first that each on its line is to end", async () => {
  const states = [told({ state: "held", is_moved: true }), told({ call_sid: "CA2", leg_sid: "CA1", is_moved: true })];
  const made = makeHandsetInCall({ states, moved: ["CA1", "CA2"] });
  made.hear("waits", "incoming", "incoming", { callSid: "CA8", rungBy: "CA9" });
  await Promise.all([made.handset.answer("waits"), made.handset.answer("waits")]);
  assert.deepEqual(made.did, [["CA1", "hang-up"], ["CA2", "hang-up"], ["waits", "accept"]]);

  const plain = makeHandsetInCall({ states: [told()] });
  plain.hear("waits", "incoming", "incoming", { callSid: "CA8", rungBy: "CA9" });
  await plain.handset.answer("waits");
  assert.deepEqual(plain.did, [["waits", "accept"]]);
});

test("a server that is slow to end the one keeps nobody from answering the other", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { handset, hear, did } = makeHandsetInCall({ states: [told({ is_moved: true })], moved: ["CA1"] });
  hear("waits", "incoming", "incoming", { callSid: "CA8", rungBy: "CA9" });
  handset.deeds.act = () => new Promise(() => {});
  const answered = handset.answer("waits");
  t.mock.timers.tick(3_000);
  await answered;
  assert.deepEqual(did, [["waits", "accept"]]);
});

test("muting is taken back by muting again", () => {
  const { handset, hear, did } = makeHandset();
  hear("1", "outgoing", "outgoing");
  handset.mute();
  hear("1", "outgoing", "mute", { isMuted: true });
  handset.mute();
  assert.deepEqual(did, [["1", "mute", true], ["1", "mute", false]]);
});

test("a digit is sent and shown only once both ends can speak", () => {
  const { handset, switchboard, hear, did } = makeHandset();
  hear("1", "outgoing", "outgoing");
  handset.digit("1");
  hear("1", "outgoing", "accept");
  handset.digit("2");
  assert.deepEqual(did, [["1", "sendDigits", "2"]]);
  assert.equal(switchboard.board.digits, "2");
});

test("nobody is called while a call is under way", async () => {
  const called = [];
  const { handset, hear } = makeHandset({ connect: async ({ to }) => void called.push(to) });
  await handset.call("bob", "+12025550199", "Bob");
  hear("1", "outgoing", "outgoing");
  await handset.call("carol", "+12025550199", "Carol");
  assert.deepEqual(called, ["bob"]);
});

test("one call is placed, however often it is asked for while it is no call yet", async () => {
  const called = [];
  const { handset } = makeHandset({ connect: async ({ to }) => void called.push(to) });
  await Promise.all([handset.call("bob", "", "Bob"), handset.call("bob", "", "Bob")]);
  assert.deepEqual(called, ["bob"]);
  await handset.call("carol", "", "Carol");
  assert.deepEqual(called, ["bob", "carol"]);
});

test("a call that cannot even be tried is said to have failed", async () => {
  const { handset, switchboard } = makeHandset({ connect: () => Promise.reject(new Error("no Device")) });
  await handset.call("bob", "", "Bob");
  assert.match(switchboard.board.notice, /could not be made/);
});

test("to decline a call is to decline it however often it rings here, and no other", () => {
  const { handset, hear, did } = makeHandset();
  hear("1", "incoming", "incoming", { callSid: "CA1", rungBy: "CA0" });
  hear("2", "incoming", "incoming", { callSid: "CA2", rungBy: "CA0" });
  hear("3", "incoming", "incoming", { callSid: "CA3", rungBy: "CA9" });
  hear("4", "incoming", "incoming", { callSid: "CA4" });
  hear("5", "incoming", "incoming", { callSid: "CA5" });
  handset.decline("1");
  assert.deepEqual(did, [["1", "reject"], ["2", "reject"]]);
  handset.decline("4");
  assert.deepEqual(did.slice(2), [["4", "reject"]]);
});
