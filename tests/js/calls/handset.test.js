import assert from "node:assert/strict";
import test from "node:test";

import { Handset } from "../../../static/phone/calls/handset.js";
import { Switchboard } from "../../../static/phone/calls/switchboard.js";
import { causes } from "../stand-ins.js";

/** A handset whose calls write down what is done with them. */
function makeHandset({ connect = async () => {} } = {}) {
  const did = [];
  const write = (id, verb) => (...what) => did.push([id, verb, ...what]);
  const verbs = ["accept", "reject", "disconnect", "mute", "sendDigits"];
  const get = (id) => (id ? Object.fromEntries(verbs.map((verb) => [verb, write(id, verb)])) : undefined);
  const nothing = () => {};
  const switchboard = new Switchboard({
    changed: nothing,
    report: nothing,
    playTone: nothing,
    suspect: nothing,
    getMicrophoneError: () => "",
    ended: nothing,
    causes,
    askEnding: async () => {},
  });
  const hear = (id, direction, event, more = {}) =>
    switchboard.heard({ id, direction, event, name: "Bob", address: "bob", callSid: "CA1", ...more });
  return { handset: new Handset({ device: { connect, calls: { get } }, switchboard }), switchboard, hear, did };
}

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
