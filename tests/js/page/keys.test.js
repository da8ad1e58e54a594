import assert from "node:assert/strict";
import test from "node:test";

import { Keys } from "../../../static/phone/page/keys.js";

/** As much of a document as the keys need, and what came of a key. */
function makeKeys(t, { isInCall = false, isTyping = true }) {
  class Element extends EventTarget {
    closest() {
      return null;
    }
    querySelectorAll() {
      return [];
    }
  }
  const document = Object.assign(new EventTarget(), { body: new Element(), querySelector: () => new Element() });
  const before = { document: globalThis.document, HTMLElement: globalThis.HTMLElement };
  Object.assign(globalThis, { document, HTMLElement: Element });
  t.after(() => Object.assign(globalThis, before));
  const did = [];
  new Keys({
    isInCall: () => isInCall,
    isTyping: () => isTyping,
    press: (key) => did.push(["press", key]),
    type: (key) => did.push(["type", key]),
    enter: () => did.push(["enter"]),
  });
  return (key) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
    Object.defineProperty(event, "target", { value: document.body });
    document.dispatchEvent(event);
    return [did.splice(0), event.defaultPrevented];
  };
}

test("with nothing focused, a key types and Enter calls", (t) => {
  const press = makeKeys(t, {});
  assert.deepEqual(press("7"), [[["type", "7"]], true]);
  assert.deepEqual(press("Enter"), [[["enter"]], false]);
});

test("in a call a key is a tone, and Enter nothing", (t) => {
  const press = makeKeys(t, { isInCall: true, isTyping: false });
  assert.deepEqual(press("7"), [[["press", "7"]], true]);
  assert.deepEqual(press("Enter"), [[], false]);
});

test("while a call rings the keyboard neither types nor calls what was typed before", (t) => {
  const press = makeKeys(t, { isTyping: false });
  for (const key of ["Enter", "7", "+"]) assert.deepEqual(press(key), [[], false]);
});
