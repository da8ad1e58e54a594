import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { SHORTCUTS, deedOf } from "../../../static/phone/page/shortcuts.js";

const press = (key, more = {}) => deedOf({ key, code: "", altKey: true, shiftKey: true, ctrlKey: false, metaKey: false, ...more });

test("a key is a deed with Alt and Shift, and with nothing else", () => {
  assert.equal(press("E"), "hang-up");
  assert.equal(press("e"), "hang-up");
  for (const other of [{ altKey: false }, { shiftKey: false }, { ctrlKey: true }, { metaKey: true }]) {
    assert.equal(press("E", other), "");
  }
  assert.equal(press("5"), "");
});

test("on a Mac, where Option makes another letter, the key's place counts", () => {
  assert.equal(press("Â", { code: "KeyM" }), "mute");
  // On another keyboard, M is elsewhere: what is written on the key counts.
  assert.equal(press("M", { code: "Semicolon" }), "mute");
});

test("the list on the page, and the buttons, name the keys that there are", () => {
  const read = (name) => readFileSync(new URL(`../../../templates/phone/${name}`, import.meta.url), "utf8");
  const listed = [...read("dialogs.html").matchAll(/<kbd>\{% translate "Shift" %\}<\/kbd><kbd>([A-Z])<\/kbd>/g)].map(([, letter]) => letter);
  assert.deepEqual(listed.sort(), Object.keys(SHORTCUTS).sort());
  const buttons = read("call.html") + read("waiting.html");
  for (const [letter, deed] of Object.entries(SHORTCUTS)) {
    assert.match(buttons, new RegExp(`data-part="${deed}"[^>]* aria-keyshortcuts="Alt\\+Shift\\+${letter}"`));
  }
});
