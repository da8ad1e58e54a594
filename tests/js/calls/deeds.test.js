import assert from "node:assert/strict";
import test from "node:test";

import { CallDeeds } from "../../../static/phone/calls/deeds.js";
import { told } from "./server-states.js";

const DONE = { call: null, isDone: true, cause: "", words: "", isAway: false };

/** A server that answers when the test says so. */
function makeDeeds() {
  const asked = [];
  let answer;
  const ask = (...what) => {
    asked.push(what);
    return new Promise((resolve) => (answer = resolve));
  };
  const deeds = new CallDeeds({ ask, changed: () => {} });
  return { deeds, asked, answer: (some = {}) => answer({ ...DONE, ...some }) };
}

test("one thing at a time is asked for each call", async () => {
  const { deeds, asked, answer } = makeDeeds();
  const first = deeds.act("CA1", "hold");
  assert.deepEqual(deeds.board.underWay, { CA1: "hold" });
  assert.equal(await deeds.act("CA1", "add", { to: "bob" }), null);
  answer();
  await first;
  assert.deepEqual([asked, deeds.board.underWay], [[["CA1", "hold", {}]], {}]);
  assert.equal(deeds.board.said.CA1.words, "On hold.");
});

test("what was refused is said with its cause, and what the server says stays as it was", async () => {
  const { deeds, answer } = makeDeeds();
  deeds.heard([told()]);
  const asked = deeds.act("CA1", "transfer", { to: "12" });
  answer({ isDone: false, cause: "invalid_number", words: "12 is no number." });
  await asked;
  const { deed, cause, words, isFailure } = deeds.board.said.CA1;
  assert.deepEqual([deed, cause, words, isFailure], ["transfer", "invalid_number", "12 is no number.", true]);
  assert.equal(deeds.board.states[0].state, "open");
});

test("an answer shows at once what the call is now, unless a frame has overtaken it", async () => {
  const { deeds, answer } = makeDeeds();
  deeds.heard([told(), told({ call_sid: "CA2" })]);
  const first = deeds.act("CA1", "hold");
  answer({ call: told({ state: "held" }) });
  await first;
  assert.deepEqual(deeds.board.states.map(({ callSid, state }) => [callSid, state]), [["CA2", "open"], ["CA1", "held"]]);

  const second = deeds.act("CA1", "resume");
  deeds.heard([told({ state: "conference" })]);
  answer({ call: told({ state: "open" }) });
  await second;
  assert.equal(deeds.board.states[0].state, "conference");
});

test("what takes long is said to, and what went well is said only for a while", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { deeds, answer } = makeDeeds();
  const asked = deeds.act("CA1", "hold");
  t.mock.timers.tick(4_000);
  assert.match(deeds.board.said.CA1.words, /longer than usual/);
  answer();
  await asked;
  assert.equal(deeds.board.said.CA1.words, "On hold.");
  t.mock.timers.tick(6_000);
  assert.deepEqual(deeds.board.said, {});
});

test("a call that the server has in a conference goes by way of one, whatever its state is", () => {
  const { deeds } = makeDeeds();
  const recorded = told({ state: "open", recording: "on", is_moved: true });
  const resumed = told({ call_sid: "CA2", leg_sid: "CA3", state: "open", is_moved: true });
  const plain = told({ call_sid: "CA5", leg_sid: "CA5", state: "open" });
  deeds.heard([recorded, resumed, plain]);
  assert.deepEqual(["CA1", "CA2", "CA5"].map((callSid) => deeds.wasMoved(callSid)), [true, true, false]);
  // Once there it stays there, also when the frame no longer tells of it.
  deeds.heard([]);
  assert.equal(deeds.wasMoved("CA1"), true);
});

test("an answer tells of a call that has just been moved as a frame does", async () => {
  const { deeds, answer } = makeDeeds();
  const asked = deeds.act("CA1", "hold");
  answer({ call: told({ state: "held", is_moved: true }) });
  await asked;
  assert.equal(deeds.wasMoved("CA1"), true);
});

test("to end a call one need not wait for what is being done to it", async () => {
  const { deeds, asked, answer } = makeDeeds();
  void deeds.act("CA1", "leave");
  const last = deeds.act("CA1", "hang-up");
  assert.deepEqual(deeds.board.underWay, { CA1: "hang-up" });
  answer();
  assert.equal((await last).isDone, true);
  assert.deepEqual([asked.length, deeds.board.underWay], [2, {}]);
});
