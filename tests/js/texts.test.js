import { test } from "node:test";
import assert from "node:assert/strict";

/** The module reads the catalogue once, as it is loaded. @param {object | undefined} catalogue */
async function load(catalogue) {
  globalThis.dognboneTexts = catalogue;
  return import(`../../static/texts.js?${Math.random()}`);
}

const texts = { Ready: "Bereit", "%(n)s new": ["%(n)s neue", "%(n)s neue!"], "door\u0004Open": "Offen" };

test("without a catalogue a text is what it says", async () => {
  const { gettext, pgettext, ngettext, language } = await load(undefined);
  assert.equal(gettext("Ready"), "Ready");
  assert.equal(pgettext("door", "Open"), "Open");
  assert.deepEqual([1, 2, 0].map((n) => ngettext("one", "several", n)), ["one", "several", "several"]);
  assert.equal(language, "en");
});

test("with one it is what that says, and what that lacks is said in English", async () => {
  const { gettext, pgettext, ngettext, language } = await load({ language: "de", texts });
  assert.equal(gettext("Ready"), "Bereit");
  assert.equal(gettext("Offline"), "Offline");
  assert.equal(gettext("constructor"), "constructor");
  assert.equal(pgettext("door", "Open"), "Offen");
  assert.equal(pgettext("call", "Open"), "Open");
  assert.deepEqual([1, 2].map((n) => ngettext("%(n)s new", "%(n)s news", n)), ["%(n)s neue", "%(n)s neue!"]);
  assert.equal(language, "de");
});

test("facts go in by name, and one that is not known stays", async () => {
  const { interpolate } = await load(undefined);
  assert.equal(interpolate("%(who)s: %(n)s of %(n)s, %(what)s, 5 %", { who: "$& Bob", n: 3 }), "$& Bob: 3 of 3, %(what)s, 5 %");
});
