import assert from "node:assert/strict";
import test from "node:test";

import { SharedHandset } from "../../../static/phone/calls/shared-handset.js";

/** The handset of a tab beside the phone, or of the phone itself. */
function makeHandset({ isHere, comes = true }) {
  const did = [];
  const note = (name) => (...args) => void did.push([name, ...args]);
  const line = { accept: note("accept"), reject: note("reject"), mute: note("mute") };
  const where = { isHere };
  const handset = new SharedHandset(
    {
      device: { connect: async (whom) => void did.push(["connect", whom]), calls: { get: () => line, hangUp: note("hangUp") } },
      switchboard: {
        active: isHere ? { id: "line", isMuted: false, status: "open" } : null,
        refused: note("refused"),
        toggleKeypad: note("keypad"),
      },
      deeds: { act: note("act"), board: { states: [], said: {} }, wasMoved: () => false, tell: note("tell") },
      notes: { typed: note("note"), left: note("noted") },
    },
    {
      isHere: () => where.isHere,
      ask: (deed, ...args) => did.push(["ask", deed, ...args]),
      bring: async () => (did.push(["bring"]), (where.isHere = comes)),
    },
  );
  return { handset, did };
}

const conversation = { callSid: "CA1", line: { id: "line" }, isShared: false, state: "open" };

test("in a spare what needs the line is done by the tab that has it, and the server is asked from here", async () => {
  const { handset, did } = makeHandset({ isHere: false });
  await handset.hangUp(conversation);
  await handset.answer("line");
  handset.decline("line");
  handset.mute();
  handset.keypad();
  handset.digit("5", conversation);
  handset.sendToVoicemail({ callSid: "CA1" });
  handset.holdAndAnswer({ callSid: "CA1" });
  assert.deepEqual(
    did.splice(0).map(([ask, deed]) => `${ask} ${deed}`),
    ["hangUp", "answer", "decline", "mute", "keypad", "digit", "sendToVoicemail", "holdAndAnswer"].map((one) => `ask ${one}`),
  );
  await handset.act(conversation, "hold");
  assert.deepEqual(did, [["act", "CA1", "hold", {}]]);
});

test("what a spare asks for is done, and nothing else", () => {
  const { handset, did } = makeHandset({ isHere: true });
  handset.doFor("mute", []);
  handset.doFor("hangUp", [conversation]);
  for (const odd of ["call", "act", "doFor", "constructor", "toString", ""]) handset.doFor(odd, []);
  assert.deepEqual(did, [["mute", true], ["hangUp", "line"]]);
});

test("whoever calls from a spare has the phone brought there, and calls once", async () => {
  const { handset, did } = makeHandset({ isHere: false });
  await Promise.all([handset.call("+12025550142", "", "Echo"), handset.call("+12025550142", "", "Echo")]);
  assert.deepEqual(did, [["bring"], ["connect", { to: "+12025550142", callFrom: "", name: "Echo" }]]);
});

test("a phone that does not come calls nobody, and that is said", async () => {
  const { handset, did } = makeHandset({ isHere: false, comes: false });
  await handset.call("+12025550142", "", "Echo");
  assert.deepEqual(did.map(([name]) => name), ["bring", "refused"]);
  assert.match(did[1][1], /nobody was called/);
});

test("an echo test from a spare is made there, once the phone has come", async () => {
  const { handset, did } = makeHandset({ isHere: false });
  await handset.hearEcho();
  assert.deepEqual(did, [["bring"], ["connect", { to: "", callFrom: "", name: "Echo test call", isEcho: true }]]);
});

test("there is no echo test in a call", async () => {
  const { handset, did } = makeHandset({ isHere: true });
  await handset.hearEcho();
  assert.deepEqual(did, []);
});
