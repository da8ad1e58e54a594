import assert from "node:assert/strict";
import test from "node:test";

import { PageLife } from "../../../static/phone/page/life.js";

const NAMES = ["addEventListener", "location", "document", "navigator"];

/** A page's life, played by the test: what is heard of it, as the audit trail calls it. */
function live(t) {
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout", "Date"] });
  const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  const [page, document, connection] = [new EventTarget(), new EventTarget(), new EventTarget()];
  const state = { isInCall: false, heard: [], went: [] };
  const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  set("addEventListener", page.addEventListener.bind(page));
  set("document", document);
  set("navigator", { connection });
  set("location", { assign: (address) => state.went.push(address) });
  t.after(() => {
    for (const [name, was] of before) {
      if (was) Object.defineProperty(globalThis, name, was);
      else delete globalThis[name];
    }
  });
  const hear = (kind) => (why) => state.heard.push(why ? `${kind} ${why.name}: ${why.words}` : kind);
  const life = new PageLife({
    isInCall: () => state.isInCall,
    startOver: hear("over"),
    wentOffline: hear("offline"),
    leaving: hear("leaving"),
    putAside: hear("aside"),
    cameBack: hear("back"),
  });
  const happen = (target, name, fields = {}) => {
    const event = Object.assign(new Event(name, { cancelable: true }), fields);
    target.dispatchEvent(event);
    return event;
  };
  return { life, state, page, document, connection, happen, pass: (ms) => t.mock.timers.tick(ms) };
}

test("the page leaves during no call, and does once it is over", (t) => {
  const { life, state } = live(t);
  state.isInCall = true;
  assert.equal(life.leaveTo("/accounts/login/"), false);
  life.callsChanged();
  assert.deepEqual([state.went, life.isLeaving], [[], false]);
  state.isInCall = false;
  life.callsChanged();
  life.callsChanged();
  assert.deepEqual([state.went, life.isLeaving], [["/accounts/login/"], true]);
  assert.equal(life.leaveTo("/elsewhere/"), true);
});

test("what was sent leads elsewhere first: signing out is not cut off by going to sign in", (t) => {
  const { life, state, page, happen, pass } = live(t);
  pass(60_000);
  happen(page, "submit");
  assert.equal(life.leaveTo("/accounts/login/"), true);
  assert.deepEqual([state.went, life.isLeaving], [[], false]);
  // It has led nowhere.
  pass(5_000);
  assert.deepEqual([state.went, life.isLeaving], [["/accounts/login/"], true]);
});

test("a form that a module sends, or that only closes a dialog, leads nowhere", (t) => {
  const { life, state, page, happen } = live(t);
  const sent = new Event("submit", { cancelable: true });
  sent.preventDefault();
  page.dispatchEvent(sent);
  Object.assign(page, { method: "dialog" });
  happen(page, "submit");
  life.leaveTo("/accounts/login/");
  assert.deepEqual(state.went, ["/accounts/login/"]);
});

test("whoever closes the page in a call is asked first", (t) => {
  const { state, page, happen } = live(t);
  assert.equal(happen(page, "beforeunload").defaultPrevented, false);
  state.isInCall = true;
  assert.equal(happen(page, "beforeunload").defaultPrevented, true);
});

test("a network that comes back says for how long it was away", (t) => {
  const { state, page, happen, pass } = live(t);
  happen(page, "offline");
  pass(4_000);
  happen(page, "offline");
  pass(3_000);
  happen(page, "online");
  happen(page, "online");
  assert.deepEqual(state.heard, [
    "offline",
    "offline",
    "over online: The network is back, after 7 s.",
    "over online: The network is back.",
  ]);
});

test("another kind of network is another way to the server; another guess of its speed is none", (t) => {
  const { state, connection, happen } = live(t);
  for (const type of ["wifi", "wifi", "cellular", "none", "cellular", undefined]) {
    connection.type = type;
    happen(connection, "change");
  }
  assert.deepEqual(state.heard, ["over network-changed: The network changed from wifi to cellular."]);
});


test("a machine that has slept says how long, as soon as it is looked at", (t) => {
  const { state, document, happen, pass } = live(t);
  pass(5_000);
  document.hidden = true;
  happen(document, "visibilitychange");
  const before = Date.now();
  pass(45_000);
  assert.deepEqual(state.heard, []);
  t.mock.method(Date, "now", () => before + 45_000 + 3_600_000);
  document.hidden = false;
  happen(document, "visibilitychange");
  assert.deepEqual(state.heard, ["over woke: The machine slept for 3600 s."]);
});

test("a page that is frozen is put aside, and says on its return for how long", (t) => {
  const { life, state, document, happen, pass } = live(t);
  happen(document, "resume");
  happen(document, "freeze");
  assert.equal(life.isLeaving, true);
  const before = Date.now();
  t.mock.method(Date, "now", () => before + 90_000);
  happen(document, "resume");
  // That its timers are late is no sleep of the machine's.
  happen(document, "visibilitychange");
  assert.deepEqual(state.heard, [
    "leaving freeze: The browser froze the page.",
    "aside",
    "back resume: The browser had frozen the page for 90 s.",
  ]);
  assert.equal(life.isLeaving, false);
});

test("in a call a page is not put aside", (t) => {
  const { state, document, happen } = live(t);
  state.isInCall = true;
  happen(document, "freeze");
  happen(document, "resume");
  assert.deepEqual(state.heard, []);
});

test("a page that goes into the back/forward cache lets go, and comes back out of it", (t) => {
  const { life, state, page, happen } = live(t);
  happen(page, "pagehide", { persisted: false });
  happen(page, "pageshow", { persisted: false });
  assert.deepEqual(state.heard.splice(0), ["leaving destroyed: The page was left."]);
  happen(page, "pagehide", { persisted: true });
  assert.equal(life.isLeaving, true);
  happen(page, "pageshow", { persisted: true });
  assert.deepEqual(state.heard, [
    "leaving destroyed: The page was left.",
    "aside",
    "back pageshow: The page came back from the back/forward cache.",
  ]);
  assert.equal(life.isLeaving, false);
});
