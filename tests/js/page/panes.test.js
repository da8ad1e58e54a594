import assert from "node:assert/strict";
import test from "node:test";

import { Panes, nameOf, wordsOf } from "../../../static/phone/page/panes.js";

/** As much of a document as the panes need: elements by selector, and listeners. */
class Element extends EventTarget {
  hidden = true;
  textContent = "";
  attributes = {};
  constructor(dataset = {}, parts = {}) {
    super();
    Object.assign(this, { dataset, parts });
  }
  querySelector(selector) {
    return this.parts[selector] ?? null;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  closest(selector) {
    const names = ["callBack", "echo"].filter((name) => name in this.dataset);
    return selector === "[data-call-back], [data-echo]" && names.length > 0 ? this : null;
  }
}

/** Of a text it keeps the title. */
class Parser {
  parseFromString = (text) => ({ title: text, body: { childNodes: [] }, querySelectorAll: () => [] });
}

function makePage(t, { isInCall = false, htmx = Promise.resolve() } = {}) {
  const count = new Element();
  const recents = new Element(
    { link: "recents", label: "Recents", counted: "missed", unit: "missed" },
    { '[data-part="count"]': count },
  );
  const colleagues = new Element({ link: "colleagues", label: "Colleagues" });
  const parts = { pane: new Element(), "pane-fault": new Element(), "pane-fault-words": new Element() };
  const classes = new Set(["is-over"]);
  const contains = (name) => classes.has(name);
  const toggle = (name, isOn) => (isOn ? classes.add(name) : classes.delete(name));
  Object.assign(parts, { phone: Object.assign(new Element(), { classList: { toggle, contains } }), "pane-back": new Element() });
  const document = new EventTarget();
  document.querySelector = (selector) => parts[/data-part="([^"]+)"/.exec(selector)?.[1]];
  document.querySelectorAll = () => [recents, colleagues];
  document.createDocumentFragment = () => Object.assign(new EventTarget(), { append() {} });
  const names = { document, Element, HTMLElement: Element, DOMParser: Parser, location: new URL("https://phone.example/") };
  const before = Object.fromEntries(Object.keys(names).map((name) => [name, globalThis[name]]));
  Object.assign(globalThis, names);
  t.after(() => Object.assign(globalThis, before));
  const [called, counted] = [[], []];
  const handlers = {
    callBack: (...whom) => {
      called.push(whom);
      return whom[0] === "+1" ? "The phone is not ready." : "";
    },
    hearEcho: () => {
      called.push("echo");
      return isInCall ? "You are in a call." : "";
    },
    leave: (url) => called.push(["left for", url]) && !isInCall,
    counted: (unseen) => counted.push(unseen),
    htmx,
  };
  return { panes: new Panes(handlers), document, parts, recents, colleagues, count, called, counted, classes };
}

function say(document, name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
  return detail;
}

test("a link's name ends in its count, and only while there is one", (t) => {
  const { panes, recents, colleagues, count, counted } = makePage(t);
  panes.showCounts({ type: "counts", missed: 2, voicemail: 1 });
  assert.deepEqual([recents.attributes["aria-label"], count.dataset.count, count.hidden], ["Recents, 2 missed", "2", false]);
  assert.deepEqual(colleagues.attributes, {});
  panes.showCounts({ missed: "many" });
  assert.equal(recents.attributes["aria-label"], "Recents, 2 missed");
  panes.showCounts({ missed: 0 });
  assert.deepEqual([recents.attributes["aria-label"], count.hidden], [undefined, true]);
  assert.deepEqual(counted, [0, 2, 2, 0]);
  assert.equal(nameOf("Voicemail", 1, "new"), "Voicemail, 1 new");
});

test("whatever names somebody calls them back, or it is said why not", (t) => {
  const { document, parts, called, classes } = makePage(t);
  const click = (dataset) => {
    const event = new Event("click");
    Object.defineProperty(event, "target", { value: new Element(dataset) });
    document.dispatchEvent(event);
  };
  click({});
  assert.ok(classes.has("is-over"));
  click({ callBack: "bob@example.com", callFrom: "+12025550123" });
  // In a small window the pane lay over the phone that calls now.
  assert.ok(!classes.has("is-over"));
  assert.deepEqual(called, [["bob@example.com", "+12025550123"]]);
  assert.equal(parts["pane-fault"].hidden, true);
  click({ callBack: "+1" });
  assert.deepEqual([parts["pane-fault"].hidden, parts["pane-fault-words"].textContent], [false, "The phone is not ready."]);
});

test("an echo test is begun from a pane, or it is said why not", (t) => {
  for (const isInCall of [false, true]) {
    const { document, parts, called, classes } = makePage(t, { isInCall });
    const event = new Event("click");
    Object.defineProperty(event, "target", { value: new Element({ echo: "" }) });
    document.dispatchEvent(event);
    assert.deepEqual(called, ["echo"]);
    assert.deepEqual([classes.has("is-over"), parts["pane-fault"].hidden], [isInCall, !isInCall]);
  }
});

test("going back to the phone waits for nobody", (t) => {
  const { parts, classes } = makePage(t);
  parts["pane-back"].dispatchEvent(new Event("click"));
  assert.ok(!classes.has("is-over"));
});

test("only a pane is put in the pane's place; what is none takes the page along", (t) => {
  const { document, parts, called } = makePage(t);
  const answer = (status, headers = {}, type = "text/html; charset=utf-8") => ({
    target: parts.pane,
    elt: {},
    shouldSwap: true,
    xhr: {
      status,
      responseURL: "/elsewhere/",
      responseText: "A pane",
      getResponseHeader: (name) => ({ "Content-Type": type, ...headers })[name] ?? null,
    },
  });
  const pane = say(document, "htmx:beforeSwap", answer(422, { "X-Pane": "yes" }));
  // No text, which the page's policy would refuse.
  assert.deepEqual([pane.shouldSwap, pane.serverResponse.title], [true, "A pane"]);
  assert.deepEqual(called, []);
  assert.equal(say(document, "htmx:beforeSwap", answer(200)).shouldSwap, false);
  assert.deepEqual(called, [["left for", "/elsewhere/"]]);
  const broken = say(document, "htmx:beforeSwap", answer(500));
  assert.deepEqual([broken.shouldSwap, broken.isError, called.length], [false, true, 1]);
  say(document, "htmx:beforeSwap", answer(204));
  assert.equal(called.length, 1);
});

test("of two links clicked in haste the pane of the second is shown, whichever answer comes last", (t) => {
  const { document, parts, counted } = makePage(t);
  const headers = { "Content-Type": "text/html", "X-Pane": "yes", "X-Counts": '{"missed": 1}' };
  const getResponseHeader = (name) => headers[name] ?? null;
  const ask = () => ({ status: 200, responseText: "", responseURL: "https://phone.example/", getResponseHeader });
  const [first, second, list] = [ask(), ask(), ask()];
  for (const xhr of [first, second]) say(document, "htmx:beforeRequest", { elt: {}, target: parts.pane, xhr });
  // What a list in the pane asks for is no pane.
  say(document, "htmx:beforeRequest", { elt: {}, target: new Element(), xhr: list });
  const swap = (xhr) => say(document, "htmx:beforeSwap", { elt: {}, target: parts.pane, xhr, shouldSwap: true, isError: false });
  assert.equal(swap(second).shouldSwap, true);
  const late = counted.length;
  assert.equal(swap(first).shouldSwap, false);
  // What it says besides is true all the same.
  assert.equal(counted.length, late + 1);
});

test("during a call nothing takes the page along, and it is said when it will", (t) => {
  const { document, parts, called } = makePage(t, { isInCall: true });
  document.body = {};
  const headers = { "HX-Redirect": "/accounts/login/" };
  const redirect = (elt) => {
    const detail = { elt, xhr: { status: 204, getResponseHeader: (name) => headers[name] ?? null } };
    const event = new CustomEvent("htmx:beforeOnLoad", { detail, cancelable: true });
    document.dispatchEvent(event);
    return [event.defaultPrevented, parts["pane-fault-words"].textContent];
  };
  assert.deepEqual(redirect(document.body), [true, ""]);
  const [isPrevented, words] = redirect({});
  assert.equal(isPrevented, true);
  assert.match(words, /would end your call\. It opens once the call is over/);
  assert.deepEqual(called, [["left for", "/accounts/login/"], ["left for", "/accounts/login/"]]);

  delete headers["HX-Redirect"];
  parts["pane-fault-words"].textContent = "";
  const whole = { status: 200, responseURL: "/elsewhere/", getResponseHeader: () => null };
  assert.equal(say(document, "htmx:beforeSwap", { target: parts.pane, elt: {}, xhr: whole }).shouldSwap, false);
  assert.match(parts["pane-fault-words"].textContent, /once the call is over/);
});

test("what is news is asked for once htmx is here", async (t) => {
  let come = () => {};
  const { panes, document } = makePage(t, { htmx: new Promise((resolve) => (come = resolve)) });
  document.body = {};
  const asked = [];
  t.after(() => Reflect.deleteProperty(globalThis, "htmx"));
  const renewed = panes.renew("/phone/recents/", "#recents");
  await new Promise((resolve) => setTimeout(resolve));
  globalThis.htmx = { ajax: async (...what) => asked.push(what.slice(0, 2)) };
  assert.deepEqual(asked, []);
  come();
  await renewed;
  assert.deepEqual(asked, [["GET", "/phone/recents/"]]);
});

test("each request has a name of its own, and what is said of it is shown, whichever way it came", (t) => {
  const { document, parts } = makePage(t);
  const name = () => say(document, "htmx:configRequest", { headers: {} }).headers["X-Deed"];
  assert.match(name(), /^[0-9a-f-]{36}$/);
  assert.notEqual(name(), name());
  const said = [];
  document.addEventListener("toasts", ({ detail }) => said.push(...detail));
  const answer = (words) => ({
    status: 200,
    responseURL: "https://phone.example/phone/recents/",
    responseText: words,
    getResponseHeader: (header) =>
      ({ "Content-Type": "text/html", "X-Pane": "yes", "X-Toasts": JSON.stringify([words]) })[header] ?? null,
  });
  say(document, "htmx:beforeSwap", { target: parts.pane, elt: {}, xhr: answer("swapped") });
  const back = say(document, "htmx:historyCacheMissLoad", { xhr: answer("gone back to") });
  assert.equal(back.response.title, "gone back to");
  assert.deepEqual(said, ["swapped", "gone back to"]);
});

test("of two steps back, or forward, the pane of the last is shown", (t) => {
  const { document } = makePage(t);
  const ended = [];
  const step = (name) => say(document, "htmx:historyCacheMiss", { xhr: { abort: () => ended.push(name) } });
  step("first");
  step("second");
  assert.deepEqual(ended, ["first"]);
});

test("what fails is said, but for what the page asked by itself", (t) => {
  const { document, parts } = makePage(t);
  document.body = {};
  say(document, "htmx:sendError", { elt: document.body });
  assert.equal(parts["pane-fault"].hidden, true);
  say(document, "htmx:sendError", { elt: {} });
  assert.match(parts["pane-fault-words"].textContent, /does not answer. The phone goes on/);
  say(document, "htmx:beforeRequest", { elt: {} });
  assert.equal(parts["pane-fault"].hidden, true);
  assert.match(wordsOf({ status: 404 }), /not there any more/);
  assert.match(wordsOf({ status: 403 }), /Reload/);
  assert.match(wordsOf({ status: 500 }), /our side/);
  assert.match(wordsOf({ status: 503 }), /does not answer/);
});
