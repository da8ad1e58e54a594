import assert from "node:assert/strict";
import test from "node:test";

import { Log } from "../../../static/phone/page/log.js";

/** A list in a `<details>`, as far as the log touches them. */
function makeList(t) {
  class Element extends EventTarget {
    children = [];
    append(...some) {
      this.children.push(...some);
    }
    prepend(one) {
      this.children.unshift(one);
      one.remove = () => this.children.splice(this.children.indexOf(one), 1);
    }
    get childElementCount() {
      return this.children.length;
    }
    get lastElementChild() {
      return this.children.at(-1);
    }
    closest() {
      return frame;
    }
  }
  const frame = Object.assign(new EventTarget(), { open: false });
  const list = new Element();
  const before = globalThis.document;
  globalThis.document = { querySelector: () => list, createElement: () => new Element() };
  t.after(() => (globalThis.document = before));
  const look = () => {
    frame.open = true;
    frame.dispatchEvent(new Event("toggle"));
  };
  return { list, look, words: () => list.children.map(({ children }) => children[2].textContent) };
}

test("what the phone did is written, newest first, once somebody looks, and then as it happens", (t) => {
  const { list, look, words } = makeList(t);
  const log = new Log();
  log.add({ state: "connecting", sdk_event: "registering", message: "" });
  log.add({ state: "error", sdk_event: "error", code: 20101, message: "of CA0123456789abcdef0123456789abcdef" });
  assert.equal(list.childElementCount, 0);
  look();
  assert.deepEqual(words(), ["error · code 20101 · of …abcdef", "registering"]);
  log.add({ state: "ready", sdk_event: "registered", message: "" });
  assert.equal(words()[0], "registered");
});

test("of a long day the last hundred are kept, whether somebody looks or not", (t) => {
  const { list, look, words } = makeList(t);
  const log = new Log();
  for (let number = 0; number < 150; number += 1) log.add({ state: "ready", sdk_event: `event ${number}`, message: "" });
  look();
  assert.equal(list.childElementCount, 100);
  for (let number = 150; number < 160; number += 1) log.add({ state: "ready", sdk_event: `event ${number}`, message: "" });
  assert.equal(list.childElementCount, 100);
  assert.deepEqual([words()[0], words().at(-1)], ["event 159", "event 60"]);
});
