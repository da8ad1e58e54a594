import assert from "node:assert/strict";
import test from "node:test";

import { Place } from "../../../static/phone/tabs/place.js";
import { settle } from "./browser-stand-ins.js";

const READY = { state: "ready", verdict: null, isRetrying: false };
const told = (more = {}) => ({ isBusy: false, situation: READY, elsewhere: null, ...more });

/** A tab whose browser, Device and server are played by the test. */
function makePlace(t, { isToClaim = false, answers = [] } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const did = [];
  const tabs = { role: "unknown", told: null, hasSpares: false };
  tabs.join = () => did.push("join");
  tabs.leave = () => ((tabs.role = "unknown"), (tabs.told = null));
  tabs.take = () => (did.push("take"), become("phone"));
  const phone = { isResting: true, isLettingGo: false, isBusy: false, registration: { situation: { state: "connecting" } } };
  const change = (state) => {
    phone.registration.situation = { ...READY, state };
    place.situationChanged(phone.registration.situation);
  };
  phone.start = () => {
    phone.isLettingGo = false;
    if (phone.isResting) did.push("start");
    phone.isResting = false;
  };
  phone.rest = (why) => {
    did.push(`rest ${why.sdk_event}`);
    phone.isLettingGo = phone.isBusy;
    if (phone.isBusy) return;
    phone.isResting = true;
    phone.registration.situation = { state: "connecting" };
  };
  phone.stop = () => ((phone.isResting = true), did.push("stop"));
  const claim = async (isFirm) => (did.push(isFirm ? "claim" : "look"), answers.length ? answers.shift() : { isHere: true });
  const report = ({ sdk_event }) => did.push(`report ${sdk_event}`);
  const place = new Place({ tabs, phone, isToClaim, claim, report, changed: () => {} });
  const become = (role, what = tabs.told) => {
    tabs.role = role;
    tabs.told = what;
    place.became(role);
  };
  const hear = (what) => {
    tabs.told = what;
    place.heard();
  };
  return { place, tabs, phone, did, become, hear, change };
}

test("the first tab makes a Device at once, and says so to the server only where that wants to know", async (t) => {
  const { place, did, become, change } = makePlace(t);
  become("phone");
  change("ready");
  assert.deepEqual(did, ["start"]);
  assert.deepEqual(place.where, { kind: "here", elsewhere: null, hasSpares: false, isHere: true, move: "" });
  assert.equal(await place.useHere(), true);

  t.mock.timers.reset();
  const other = makePlace(t, { isToClaim: true });
  other.become("phone");
  assert.deepEqual(other.did, ["start"]);
  other.change("ready");
  other.change("ready");
  assert.deepEqual(other.did, ["start", "claim"]);
});

test("a spare makes none, says that it is one, and shows what the phone shows", (t) => {
  const { place, did, become } = makePlace(t);
  const situation = { ...READY, state: "offline" };
  become("spare", told({ situation }));
  assert.deepEqual([did, place.isHere, place.situation], [["rest other-tab"], false, situation]);
  assert.equal(place.where.kind, "tab");
});

test("the phone comes without a gap: its Device first, then the seat", async (t) => {
  const { place, tabs, did, become, change } = makePlace(t);
  become("spare", told());
  const came = place.useHere();
  assert.deepEqual([place.where.move, place.situation, tabs.role], ["coming", READY, "spare"]);
  assert.deepEqual(did.splice(0), ["rest other-tab", "start"]);
  change("connecting");
  change("ready");
  assert.deepEqual([await came, tabs.role, place.where.kind, place.where.move], [true, "phone", "here", ""]);
  assert.deepEqual(did, ["take", "claim"]);
});

test("a phone that is not ready itself is not waited for", async (t) => {
  const { place, tabs, did, become, change } = makePlace(t);
  become("spare", told({ situation: { ...READY, state: "error" } }));
  const came = place.useHere();
  assert.deepEqual([did, tabs.role], [["rest other-tab", "take", "start"], "phone"]);
  change("ready");
  assert.equal(await came, true);
});

test("a call stays where its sound is; the phone comes when it is over", async (t) => {
  const { place, tabs, did, become, hear, change } = makePlace(t);
  become("spare", told({ isBusy: true }));
  const came = place.useHere();
  hear(told({ isBusy: true }));
  t.mock.timers.tick(60_000);
  assert.deepEqual([did.splice(0), place.where.move], [["rest other-tab"], "waiting"]);
  hear(told());
  change("ready");
  assert.deepEqual([await came, did, tabs.role], [true, ["start", "take", "claim"], "phone"]);
});

test("a call that comes in this very moment rings where the phone has been, and is waited for", (t) => {
  const { place, did, become, hear } = makePlace(t);
  become("spare", told());
  void place.useHere();
  hear(told({ isBusy: true }));
  assert.deepEqual([did, place.where.move], [["rest other-tab", "start", "rest other-tab"], "waiting"]);
});

test("a phone that cannot come stays where it is, and that is said", async (t) => {
  for (const fail of [(one) => one.change("error"), () => t.mock.timers.tick(15_000)]) {
    const one = makePlace(t);
    one.become("spare", told());
    const came = one.place.useHere();
    fail(one);
    assert.deepEqual([await came, one.place.where.move, one.tabs.role], [false, "failed", "spare"]);
    assert.equal(one.did.at(-1), "rest other-tab");
    t.mock.timers.reset();
  }
});

test("a tab that is left by the phone is it, and the trail says why", (t) => {
  const { did, become, change } = makePlace(t);
  become("spare", told());
  become("phone");
  change("ready");
  assert.deepEqual(did, ["rest other-tab", "report tab-promoted", "start", "claim"]);
});

test("a tab that loses the phone in a call shows its own call until that is over", (t) => {
  const { place, phone, become, change } = makePlace(t);
  become("phone");
  change("ready");
  phone.isBusy = true;
  become("spare", null);
  assert.deepEqual([place.isHere, place.situation.state, place.where.kind], [true, "ready", "here"]);
});

test("another browser takes the phone: the Device goes, and nothing takes it back while that one is there", async (t) => {
  const there = { isHere: false, where: "Chrome on Windows", since: 5 };
  const { place, did, become, change } = makePlace(t, { answers: [there, null, { isHere: true }] });
  become("phone");
  change("ready");
  place.takenOver({ where: "Chrome on Windows", since: 5 });
  assert.deepEqual(did.splice(0), ["start", "rest other-device"]);
  assert.deepEqual([place.where.kind, place.situation.state], ["browser", "offline"]);
  for (const expected of ["browser", "browser", "here"]) {
    t.mock.timers.tick(20_000);
    await settle();
    assert.equal(place.where.kind, expected);
  }
  assert.deepEqual(did, ["look", "look", "look", "start"]);
  t.mock.timers.tick(60_000);
  assert.equal(did.length, 4);
});

test("somebody has it back with a click", async (t) => {
  const { place, did, become, change } = makePlace(t);
  become("phone");
  place.takenOver({ where: "", since: null });
  const came = place.useHere();
  change("ready");
  assert.deepEqual([await came, did.slice(2)], [true, ["start", "claim"]]);
});

test("a spare passes over what the server says to the phone, and inherits no phone that is elsewhere", (t) => {
  const { place, did, become } = makePlace(t);
  const elsewhere = { where: "Safari on a Mac", since: 7 };
  become("spare", told({ elsewhere, situation: { ...READY, state: "offline" } }));
  place.takenOver({ where: "Firefox on Linux", since: 8 });
  assert.deepEqual([place.where.kind, place.where.elsewhere], ["browser", elsewhere]);
  become("phone");
  assert.deepEqual([did, place.where.elsewhere], [["rest other-tab"], elsewhere]);
});

test("a page that was put aside asks on its return whether the phone is to be had", async (t) => {
  const { place, did, become, change } = makePlace(t, { answers: [{ isHere: false, where: "Edge on Windows", since: 9 }] });
  become("phone");
  change("ready");
  place.leave();
  place.join();
  become("phone");
  change("ready");
  await settle();
  assert.deepEqual(did, ["start", "stop", "join", "start", "look", "rest other-device"]);
  assert.equal(place.where.elsewhere.where, "Edge on Windows");
});

test("the page is wired once the Device has begun to register, or has had its time", async (t) => {
  const { place, phone, become } = makePlace(t);
  let begin = () => {};
  phone.begun = new Promise((resolve) => (begin = resolve));
  let isJoined = false;
  const joined = place.joined(100).then(() => (isJoined = true));
  become("phone");
  await settle();
  assert.equal(isJoined, false);
  begin();
  await joined;

  t.mock.timers.reset();
  const slow = makePlace(t);
  slow.phone.begun = new Promise(() => {});
  const waited = slow.place.joined(100);
  slow.become("phone");
  t.mock.timers.tick(100);
  await waited;
});
