import assert from "node:assert/strict";
import test from "node:test";

/** As much of a page as one switch needs: its section, which the server's answer replaces. */
class Element extends EventTarget {
  closest(selector) {
    return selector === "[data-switch-form]" ? page.form : page.section;
  }
  getAttribute(name) {
    return { "data-part": "settings", "aria-describedby": "help" }[name];
  }
  setAttribute() {}
  contains() {
    return false;
  }
  replaceWith(fresh) {
    assert.equal(this, page.section);
    page.section = page.fields.one = fresh;
  }
}
const page = { form: Object.assign(new Element(), { action: "/keep/" }), section: null, fields: {}, help: {} };

const document = new EventTarget();
document.querySelector = () => page.section;
document.getElementById = (id) => (id === "help" ? page.help : page.fields[id]);
Object.assign(globalThis, {
  document,
  HTMLInputElement: Element,
  HTMLFormElement: Element,
  FormData: class {},
  location: new URL("https://phone.example/"),
  // What the server writes here is the state of the switch.
  DOMParser: class {
    parseFromString = (html) => ({
      querySelector: () => Object.assign(new Element(), { id: "one", checked: html === "on" }),
      querySelectorAll: () => [],
    });
  },
});
await import("../../../static/recordings/switches.js");

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A switch that is off, and a server that answers when the test says so. */
function makeSwitch(t) {
  const answers = [];
  /** Under which name each was asked for. */
  const deeds = [];
  t.mock.method(globalThis, "fetch", (url, { headers }) => {
    deeds.push(headers["X-Deed"]);
    return new Promise((resolve, reject) => answers.push({ resolve, reject }));
  });
  page.section = page.fields.one = Object.assign(new Element(), { id: "one", checked: false });
  page.help = {};
  const turn = (isOn) => {
    page.fields.one.checked = isOn;
    const event = new Event("change");
    Object.defineProperty(event, "target", { value: page.fields.one });
    document.dispatchEvent(event);
  };
  const next = async (answer) => {
    await settle();
    const { resolve, reject } = answers.shift();
    if (answer instanceof Response) resolve(answer);
    else if (typeof answer === "string") resolve(new Response(answer, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
    else reject(answer);
    await settle();
  };
  return { turn, next, deeds };
}

test("what is turned shows what the server has kept", async (t) => {
  const { turn, next } = makeSwitch(t);
  turn(true);
  await next("on");
  assert.equal(page.fields.one.checked, true);
});

test("turned twice before the first answer, it shows the second", async (t) => {
  const { turn, next } = makeSwitch(t);
  turn(true);
  turn(false);
  const turned = page.fields.one;
  await next("on");
  assert.deepEqual([page.fields.one === turned, page.fields.one.checked], [true, false]);
  await next("off");
  assert.deepEqual([page.fields.one === turned, page.fields.one.checked], [false, false]);
});

test("where the last is not kept, it shows what is: the first, or what there was before", async (t) => {
  const { turn, next } = makeSwitch(t);
  turn(true);
  turn(false);
  await next("on");
  await next(new TypeError("no network"));
  assert.deepEqual([page.fields.one.checked, page.help.textContent], [true, "This could not be kept. Try again."]);

  page.fields.one.checked = false;
  turn(true);
  turn(false);
  turn(true);
  for (let i = 0; i < 3; i += 1) await next(new DOMException("late", "TimeoutError"));
  assert.equal(page.fields.one.checked, false);
});

test("each is told what is said of it, by a name of its own", async (t) => {
  const { turn, next, deeds } = makeSwitch(t);
  const heard = [];
  document.addEventListener("toasts", ({ detail }) => heard.push(...detail));
  turn(true);
  turn(false);
  await next(new Response("on", { headers: { "X-Toasts": JSON.stringify([{ words: "On." }]) } }));
  await next("off");
  assert.deepEqual([heard, deeds.length, new Set(deeds).size], [[{ words: "On." }], 2, 2]);
});
