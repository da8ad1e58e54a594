import assert from "node:assert/strict";
import test from "node:test";

import { Switchboard } from "../../../static/phone/calls/switchboard.js";
import { causes } from "../stand-ins.js";

/** What the server answers. */
const answer = (cause, words = causes.texts[cause].words) => ({ ...causes.texts[cause], words });

function makeSwitchboard({ refusal = "", answers = [], isTalkedHere = () => false, isSentAway = false } = {}) {
  const did = { reports: [], suspected: [], tone: false, ended: 0, asked: [] };
  const switchboard = new Switchboard({
    changed: () => {},
    report: ({ state, sdk_event, code, message }) => did.reports.push({ state, sdk_event, code, message }),
    playTone: (isWanted) => (did.tone = isWanted),
    suspect: (code) => did.suspected.push(code),
    getMicrophoneRefusal: () => refusal,
    getState: () => "ready",
    ended: () => (did.ended += 1),
    causes,
    isTalkedHere,
    isSentAway: () => isSentAway,
    askEnding: async (callSid, isOpen, heard) => {
      did.asked.push([callSid, isOpen]);
      for (const one of answers) {
        await null;
        heard(one);
      }
    },
  });
  const hear = (event, more = {}) =>
    switchboard.heard({
      id: "1", direction: "outgoing", name: "Bob", address: "bob", callSid: "CA1", event, ...more,
    });
  return { switchboard, did, hear };
}

test("a call is reported in the relay's words, beside the SDK's", () => {
  const { did, hear } = makeSwitchboard();
  for (const event of ["outgoing", "ringing", "accept", "mute", "disconnect"]) hear(event);
  assert.deepEqual(did.reports.map(({ state, sdk_event }) => [state, sdk_event]), [["connect", "accept"], ["disconnect", "disconnect"]]);
  assert.equal(did.ended, 1);
});

test("a call's own error is no error of the Device's", () => {
  const { did, hear } = makeSwitchboard();
  hear("outgoing");
  hear("error", { code: 31486, message: "busy" });
  assert.deepEqual(did.reports, [{ state: "error", sdk_event: "call.error", code: 31486, message: "busy (outgoing CA1)" }]);
});

test("the caller hears a ringing tone until somebody answers, unless the network plays one", () => {
  const { did, hear } = makeSwitchboard();
  hear("outgoing");
  hear("ringing", { hasEarlyMedia: true });
  assert.equal(did.tone, false);
  hear("ringing", { hasEarlyMedia: false });
  assert.equal(did.tone, true);
  hear("accept");
  assert.equal(did.tone, false);
});

test("why there is no microphone is what the browser said, or else the SDK's code", () => {
  for (const [refusal, code, verdict] of [
    ["microphone_insecure", 31402, "microphone_insecure"],
    ["microphone_dismissed", 31401, "microphone_dismissed"],
    ["", 31401, "microphone_denied"],
    ["", 31402, "microphone_missing"],
  ]) {
    const { did, hear } = makeSwitchboard({ refusal });
    hear("outgoing");
    hear("error", { code, message: "" });
    assert.deepEqual(did.suspected, [verdict]);
  }
});

test("what becomes of a device in a call is said and reported once, what the person has chosen only reported", () => {
  const { switchboard, did } = makeSwitchboard();
  switchboard.heardSound({ kind: "lost", words: "“Jabra” is gone.", report: "lost: microphone “Built-in”" });
  assert.equal(switchboard.board.soundNote, "“Jabra” is gone.");
  switchboard.heardSound({ kind: "chosen", words: "", report: "chosen: microphone “USB”" });
  assert.equal(switchboard.board.soundNote, "");
  switchboard.heardSound(null);
  assert.deepEqual(did.reports, [
    { state: "ready", sdk_event: "audio.deviceChange", code: undefined, message: "lost: microphone “Built-in”" },
    { state: "ready", sdk_event: "audio.deviceChange", code: undefined, message: "chosen: microphone “USB”" },
  ]);
});

test("a fresh call without a sound is blocked, an old one is only poor", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const { did, hear } = makeSwitchboard();
  hear("outgoing");
  hear("accept");
  t.mock.timers.tick(5_000);
  hear("warning", { warning: "low-bytes-received" });
  t.mock.timers.tick(60_000);
  hear("warning", { warning: "low-bytes-received" });
  assert.deepEqual(did.suspected, ["media_blocked"]);
});

test("a call whose sound never found a way is blocked, one that lost it later was cut off", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  for (const [milliseconds, suspected] of [[31_000, ["media_blocked"]], [600_000, []]]) {
    const { did, hear } = makeSwitchboard();
    hear("outgoing");
    hear("accept");
    t.mock.timers.tick(milliseconds);
    hear("error", { code: 53405, message: "" });
    assert.deepEqual(did.suspected, suspected);
  }
});

test("a call that finds no way for its sound while it rings is blocked", () => {
  const { did, hear } = makeSwitchboard();
  hear("outgoing");
  hear("ringing");
  hear("warning", { warning: "low-bytes-received" });
  assert.deepEqual(did.suspected, []);
  hear("error", { code: 53405, message: "" });
  assert.deepEqual(did.suspected, ["media_blocked"]);
});

test("a call knows when it began, whatever is heard of it later", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
  const { switchboard, hear } = makeSwitchboard();
  hear("incoming", { direction: "incoming" });
  t.mock.timers.tick(5_000);
  hear("accept", { direction: "incoming" });
  assert.deepEqual([switchboard.active.begunAt, switchboard.active.openedAt], [1_000, 6_000]);
});

test("what is heard of a call that is over brings it not back", () => {
  const { switchboard, hear } = makeSwitchboard();
  hear("outgoing");
  hear("disconnect");
  hear("error", { code: 31005, message: "late" });
  assert.equal(switchboard.isBusy, false);
});

test("the keypad and its digits end with the call", () => {
  const { switchboard, hear } = makeSwitchboard();
  hear("outgoing");
  hear("accept");
  switchboard.toggleKeypad();
  switchboard.sent("5");
  switchboard.sent("#");
  const waits = { id: "2", direction: "incoming", callSid: "CA8" };
  hear("incoming", waits);
  hear("cancel", waits);
  assert.deepEqual([switchboard.board.digits, switchboard.board.isKeypadOpen], ["5#", true]);
  hear("disconnect");
  assert.deepEqual([switchboard.board.digits, switchboard.board.isKeypadOpen], ["", false]);
});

const settle = () => new Promise(setImmediate);
const shown = ({ board }) => [board.ending?.cause, board.notice];

test("a caller who heard an announcement reads it too", async () => {
  const { switchboard, did, hear } = makeSwitchboard({ answers: [answer("no_answer")] });
  for (const event of ["outgoing", "accept", "disconnect"]) hear(event);
  // To Twilio that was an answer, and the page knows no better yet.
  assert.equal(switchboard.board.ending.cause, "");
  await settle();
  assert.deepEqual(shown(switchboard), ["no_answer", "There was no answer."]);
  assert.deepEqual(did.asked, [["CA1", true]]);
});

test("a cause that is sharpened is said anew, and one that the server does not know is the page's own", async () => {
  const { switchboard, hear } = makeSwitchboard({ answers: [answer("busy"), answer("declined")] });
  for (const event of ["outgoing", "ringing", "disconnect"]) hear(event);
  await settle();
  assert.deepEqual(shown(switchboard), ["declined", "They declined the call."]);

  const unknown = makeSwitchboard({ answers: [{ cause: "", words: "" }] });
  for (const event of ["outgoing", "accept", "disconnect"]) unknown.hear(event);
  await settle();
  assert.equal(unknown.switchboard.board.ending.cause, "answered");
});

test("a server that does not answer at all leaves the page its own guess, and is believed once it does", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { switchboard, hear } = makeSwitchboard();
  let heard;
  switchboard.explanation.options.askEnding = (callSid, isOpen, hears) => new Promise(() => (heard = hears));
  for (const event of ["outgoing", "accept", "disconnect"]) hear(event);
  t.mock.timers.tick(6_999);
  assert.equal(switchboard.board.ending.cause, "");
  t.mock.timers.tick(1);
  assert.equal(switchboard.board.ending.cause, "answered");
  heard(answer("no_answer"));
  assert.equal(switchboard.board.ending.cause, "no_answer");
});

test("what only the page knows is said at once, and nobody is asked", async () => {
  const { switchboard, did, hear } = makeSwitchboard({ refusal: "microphone_none", answers: [answer("answered")] });
  hear("outgoing", { callSid: "" });
  hear("error", { callSid: "", code: 31402, message: "" });
  hear("disconnect", { callSid: "" });
  assert.equal(switchboard.board.ending.cause, "microphone_missing");
  await settle();
  assert.deepEqual([switchboard.board.ending.cause, did.asked], ["microphone_missing", []]);
});

test("a call that Twilio never named is told to the server by the page's own id: whom, and how long it took", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 0 });
  const { did, hear } = makeSwitchboard();
  const unnamed = { callSid: "", address: "+12025550199,,1234" };
  hear("outgoing", unnamed);
  t.mock.timers.tick(16_400);
  hear("error", { ...unnamed, code: 31005, originalCode: 31203, message: "no" });
  hear("disconnect", unnamed);
  assert.deepEqual(did.reports.map(({ message }) => message), ["no (outgoing 1)", "outgoing 1 (16 s) to +12025550199"]);
});

test("of a server that could not be asked the cause is said at once, and closer once Twilio has been asked", async () => {
  const closer = answer("webhook_failed", "Twilio asked localhost what to do with the call, and was refused.");
  const { switchboard, did, hear } = makeSwitchboard({ answers: [{ ...closer, cause: "" }, closer] });
  hear("outgoing", { callSid: "" });
  hear("error", { callSid: "", code: 31005, originalCode: 31503, message: "" });
  hear("disconnect", { callSid: "" });
  assert.equal(switchboard.board.ending.cause, "webhook_failed");
  await settle();
  assert.deepEqual([switchboard.board.notice, did.asked], [closer.words, [["1", false]]]);
});

test("a call that was taken elsewhere says by whom, also after it was declined here", async () => {
  const rang = { direction: "incoming", callSid: "CA2", rungBy: "CA1" };
  const answers = [answer("answered_elsewhere", "Answered by Bob.")];
  const { switchboard, did, hear } = makeSwitchboard({ answers });
  hear("incoming", rang);
  hear("cancel", rang);
  assert.match(switchboard.board.notice, /stopped ringing/);
  await settle();
  assert.deepEqual(shown(switchboard), ["answered_elsewhere", "Answered by Bob."]);
  assert.deepEqual(did.asked, [["CA1", false]]);

  const declined = makeSwitchboard({ answers: [answer("missed"), ...answers] });
  declined.hear("incoming", rang);
  declined.hear("reject", rang);
  assert.deepEqual(shown(declined.switchboard), ["missed", "You declined the call."]);
  await settle();
  assert.deepEqual(shown(declined.switchboard), ["answered_elsewhere", "Answered by Bob."]);

  const alone = makeSwitchboard({ answers: [answer("missed", "Bob rang, and nobody answered.")] });
  alone.hear("incoming", rang);
  alone.hear("reject", rang);
  await settle();
  assert.deepEqual(shown(alone.switchboard), ["missed", "You declined the call."]);
});

test("a call that was joined to another here has not ended, unless nothing comes of that", async () => {
  const rang = { direction: "incoming", callSid: "CA2", rungBy: "CA1" };
  // It goes on; or it is over as well before the server has said what became of the line, or of the call.
  for (const [goesOn, cause] of [[true, "answered_elsewhere"], [false, "answered_elsewhere"], [false, "answered"]]) {
    let isHere = true;
    const answers = [answer(cause, "You hung up.")];
    const { switchboard, hear } = makeSwitchboard({ answers, isTalkedHere: () => isHere });
    hear("incoming", rang);
    hear("cancel", rang);
    isHere = goesOn;
    await settle();
    assert.deepEqual([switchboard.board.ending, switchboard.board.notice], [null, ""]);
  }
  // The caller had hung up by then.
  let isHere = true;
  const { switchboard, hear } = makeSwitchboard({ answers: [answer("missed")], isTalkedHere: () => isHere });
  hear("incoming", rang);
  hear("cancel", rang);
  isHere = false;
  await settle();
  assert.equal(switchboard.board.ending.cause, "missed");
});

test("a call that was sent to voicemail says so, until a message is left there", async () => {
  const rang = { direction: "incoming", callSid: "CA2", rungBy: "CA1" };
  const answers = [];
  const { switchboard, did, hear } = makeSwitchboard({ answers, isSentAway: true });
  hear("incoming", rang);
  hear("cancel", rang);
  assert.deepEqual(shown(switchboard), ["missed", "You sent the call to voicemail."]);
  await settle();

  // However long that takes: the server tells of the call, and is asked once more.
  answers.push(answer("voicemail"));
  for (const cause of ["", "missed", "voicemail", "voicemail"]) {
    switchboard.explanation.heardStates([{ callSid: "CA9", state: "ended", cause }, { callSid: "CA1", state: "ended", cause }]);
  }
  await settle();
  assert.equal(switchboard.board.ending.cause, "voicemail");
  assert.deepEqual(did.asked, [["CA1", false], ["CA1", false]]);
});

test("a call that was connected keeps its own last words, and the next call has none of the last", async () => {
  const { switchboard, hear } = makeSwitchboard({ answers: [answer("answered", "Bob hung up.")] });
  for (const event of ["outgoing", "accept", "disconnect"]) hear(event);
  await settle();
  assert.match(switchboard.board.notice, /^Call ended after 0:00\. Bob hung up\.$/);

  const late = makeSwitchboard({ answers: [answer("busy")] });
  for (const event of ["outgoing", "accept", "disconnect"]) late.hear(event);
  late.hear("outgoing", { id: "2", callSid: "" });
  await settle();
  assert.deepEqual(shown(late.switchboard), [undefined, ""]);
});

test("a call that ends while another rings or goes on says why, and stops saying so with the next", async () => {
  const waits = { id: "2", direction: "incoming", callSid: "CA8", rungBy: "CA9" };
  for (const events of [["incoming"], ["incoming", "accept"]]) {
    const { switchboard, hear } = makeSwitchboard({ answers: [answer("declined")] });
    hear("outgoing");
    hear("ringing");
    hear("incoming", waits);
    hear("disconnect");
    for (const event of events.slice(1)) hear(event, waits);
    await settle();
    assert.deepEqual(shown(switchboard), ["declined", "They declined the call."]);
    hear("incoming", { ...waits, id: "3" });
    assert.deepEqual(shown(switchboard), [undefined, ""]);
  }
});

const SECOND = { mos: 4.3, rtt: 40, jitter: 3, packetsLost: 0, packetsReceived: 50 };

test("how a call sounds is known while it goes on, and at its end the worst of it is reported, before the end", () => {
  const { switchboard, did, hear } = makeSwitchboard();
  hear("outgoing");
  hear("accept");
  for (let second = 0; second < 3; second += 1) switchboard.sampled("1", SECOND);
  assert.equal(switchboard.board.sounds["1"].quality.level, "good");
  for (let second = 0; second < 3; second += 1) switchboard.sampled("1", { ...SECOND, mos: 1.8, packetsLost: 20 });
  assert.equal(switchboard.board.sounds["1"].notice.kind, "loss");
  switchboard.sampled("of no call", SECOND);
  hear("disconnect");
  assert.deepEqual(switchboard.board.sounds, {});
  const [, quality, end] = did.reports;
  assert.deepEqual([quality.state, quality.sdk_event, end.sdk_event], ["connect", "call.quality", "disconnect"]);
  assert.match(quality.message, /^worst poor: MOS 1\.8, .*loss 28\.6 %; good 4 s, poor 1 s \(outgoing CA1\)$/);
});

test("a call of which nothing was heard has no quality to report", () => {
  const { did, hear } = makeSwitchboard();
  for (const event of ["outgoing", "accept", "disconnect"]) hear(event);
  assert.deepEqual(did.reports.map(({ sdk_event }) => sdk_event), ["accept", "disconnect"]);
});

test("losing the connection and having it back is reported as of a call that goes on", () => {
  const { switchboard, did, hear } = makeSwitchboard();
  for (const event of ["outgoing", "accept"]) hear(event);
  hear("reconnecting", { code: 53001 });
  assert.equal(switchboard.board.sounds["1"].notice.kind, "reconnecting");
  hear("reconnected");
  assert.deepEqual([switchboard.active.status, switchboard.board.sounds["1"].notice.isOver], ["open", true]);
  assert.deepEqual(did.reports.slice(1), [
    { state: "connect", sdk_event: "call.reconnecting", code: 53001, message: "(outgoing CA1)" },
    { state: "connect", sdk_event: "call.reconnected", code: null, message: "(outgoing CA1)" },
  ]);
});

test("of an echo test the server is told as of no call to anybody, also before Twilio has named it", () => {
  const { did, hear } = makeSwitchboard();
  const echo = { isEcho: true, name: "Echo test call", address: "" };
  hear("outgoing", echo);
  hear("accept", echo);
  hear("disconnect", echo);
  hear("outgoing", { ...echo, id: "2", callSid: "" });
  hear("error", { ...echo, id: "2", callSid: "", code: 31005, message: "no" });
  hear("cancel", { ...echo, id: "2", callSid: "" });
  assert.deepEqual(did.reports.map(({ message }) => message), ["echo CA1", "echo CA1", "no (echo 2)", "echo 2"]);
  // What it came to, the server knows.
  assert.deepEqual(did.asked, [["CA1", true]]);
});
