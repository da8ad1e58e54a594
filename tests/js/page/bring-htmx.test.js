import assert from "node:assert/strict";
import test from "node:test";

import { Htmx } from "../../../static/phone/page/bring-htmx.js";

const ORIGIN = "https://phone.example";

class Element extends EventTarget {
  constructor(pressed, name) {
    super();
    Object.assign(this, { pressed, name, origin: ORIGIN, target: "", download: "", hash: "" });
  }
  closest(selector) {
    return selector === "a" && this instanceof Form ? null : this;
  }
  matches() {
    return true;
  }
}

class Form extends Element {
  requestSubmit() {
    press("submit", this);
  }
}

class Link extends Element {
  click() {
    press("click", this);
  }
}

/** What comes through is the browser's, or htmx's where that is here. */
function press(type, target) {
  const event = new Event(type, { cancelable: true });
  Object.defineProperty(event, "target", { value: target });
  Object.assign(event, { button: 0, submitter: null });
  document.dispatchEvent(event);
  if (!event.defaultPrevented) target.pressed.push(("htmx" in globalThis ? "htmx: " : "browser: ") + target.name);
}

function makePage(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [scripts, pressed, said] = [[], [], []];
  const page = { isBusy: false };
  const document = Object.assign(new EventTarget(), {
    readyState: "complete",
    createElement: () => new EventTarget(),
    head: { append: (script) => scripts.push(script) },
  });
  const names = { document, location: new URL(ORIGIN), Element, HTMLFormElement: Form };
  const before = Object.fromEntries(Object.keys(names).map((name) => [name, globalThis[name]]));
  Object.assign(globalThis, names);
  t.after(() => {
    Object.assign(globalThis, before);
    Reflect.deleteProperty(globalThis, "htmx");
  });
  const htmx = new Htmx({ isBusy: () => page.isBusy, waits: () => said.push("later") });
  return { htmx, page, scripts, pressed, said, link: (name) => new Link(pressed, name), form: (name) => new Form(pressed, name) };
}

function come(script) {
  globalThis.htmx = {};
  script.dispatchEvent(new Event("load"));
}

test("what is sent before htmx is here is sent then, whatever is opened after it", async (t) => {
  const { htmx, scripts, pressed, link, form } = makePage(t);
  const save = form("save");
  for (const one of [link("recents"), save, save, form("delete")]) one instanceof Form ? one.requestSubmit() : one.click();
  link("contacts").click();
  htmx.fetch("/static/htmx.js");
  assert.deepEqual(pressed, []);
  come(scripts[0]);
  await htmx.here;
  assert.deepEqual(pressed, ["htmx: save", "htmx: delete", "htmx: contacts"]);
  t.mock.timers.tick(60_000);
  assert.equal(pressed.length, 3);
});

test("where htmx does not come the browser goes there, and what is sent goes first", (t) => {
  const { htmx, pressed, link, form } = makePage(t);
  // Whatever was to fetch it has failed.
  assert.ok(htmx);
  form("save").requestSubmit();
  link("recents").click();
  t.mock.timers.tick(3_999);
  assert.deepEqual(pressed, []);
  t.mock.timers.tick(1);
  assert.deepEqual(pressed, ["browser: save"]);
});

test("nothing leaves a page with a call before that is over", (t) => {
  const { htmx, page, scripts, pressed, said, link } = makePage(t);
  htmx.fetch("/static/htmx.js");
  page.isBusy = true;
  link("recents").click();
  scripts[0].dispatchEvent(new Event("error"));
  assert.deepEqual(said, ["later"]);
  t.mock.timers.tick(60_000);
  assert.deepEqual([pressed, said], [[], ["later"]]);
  page.isBusy = false;
  t.mock.timers.tick(1_000);
  assert.deepEqual(pressed, ["browser: recents"]);
});

test("htmx that could not be loaded is loaded once more by the next press", (t) => {
  const { htmx, scripts, pressed, link } = makePage(t);
  htmx.fetch("/static/htmx.js");
  scripts[0].dispatchEvent(new Event("error"));
  assert.deepEqual([scripts.length, pressed], [1, []]);
  link("recents").click();
  link("contacts").click();
  assert.deepEqual(scripts.map(({ src }) => src), ["/static/htmx.js", "/static/htmx.js"]);
  come(scripts[1]);
  assert.deepEqual(pressed, ["htmx: contacts"]);
});
