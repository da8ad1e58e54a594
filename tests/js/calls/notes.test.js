import assert from "node:assert/strict";
import test from "node:test";

import { Notes } from "../../../static/phone/calls/notes.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

function makeNotes(t, answers = []) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const saved = [];
  const ask = async (callSid, deed, { note }) => {
    saved.push([callSid, deed, note]);
    return answers.shift() ?? { isDone: true, words: "", isAway: false };
  };
  return { notes: new Notes({ ask, changed: () => {} }), saved };
}

test("a note is saved once, a moment after its last letter, and said to be", async (t) => {
  const { notes, saved } = makeNotes(t);
  notes.typed("CA1", "c");
  t.mock.timers.tick(700);
  notes.typed("CA1", "call back");
  t.mock.timers.tick(799);
  assert.deepEqual(saved, []);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual(saved, [["CA1", "note", "call back"]]);
  assert.equal(notes.board.CA1.status, "saved");
});

test("who leaves the field, or whose call ends, loses no letter", async (t) => {
  const { notes, saved } = makeNotes(t);
  notes.typed("CA1", "call back");
  notes.left("CA1");
  t.mock.timers.tick(0);
  await settle();
  assert.equal(saved.length, 1);
  notes.left("CA1");
  t.mock.timers.tick(5_000);
  await settle();
  assert.equal(saved.length, 1);
});

test("a note that cannot be saved now is tried again, one that is refused is not", async (t) => {
  const away = { isDone: false, words: "The server did not answer.", isAway: true };
  const refused = { isDone: false, words: "4,000 letters at most.", isAway: false };
  const { notes, saved } = makeNotes(t, [away, refused]);
  notes.typed("CA1", "call back");
  t.mock.timers.tick(800);
  await settle();
  assert.deepEqual([notes.board.CA1.status, notes.board.CA1.words], ["failed", "The server did not answer."]);
  t.mock.timers.tick(5_000);
  await settle();
  assert.deepEqual([saved.length, notes.board.CA1.words], [2, "4,000 letters at most."]);
  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(saved.length, 2);
});

test("a page that goes sends what was typed last, also where an earlier letter is on its way", async (t) => {
  const { notes, saved } = makeNotes(t);
  notes.ask = (callSid, deed, { note }) => {
    saved.push([callSid, deed, note]);
    return new Promise(() => {});
  };
  notes.typed("CA1", "call");
  t.mock.timers.tick(800);
  notes.typed("CA1", "call back");
  notes.typed("CA2", "a");
  notes.flush();
  assert.deepEqual(saved.slice(1), [["CA1", "note", "call back"], ["CA2", "note", "a"]]);
  notes.flush();
  t.mock.timers.tick(10_000);
  assert.equal(saved.length, 3);
});
