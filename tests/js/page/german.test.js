import assert from "node:assert/strict";
import test from "node:test";

/** Before the modules, which read it once. */
globalThis.dognboneTexts = {
  language: "de",
  texts: { "The phone is in %(where)s, since %(time)s.": "Das Telefon ist seit %(time)s in %(where)s.", quiet: "leise" },
};
const { readLines } = await import("../../../static/phone/page/connection-pane.js");
const { wordOf } = await import("../../../static/phone/page/meter.js");
const { buildReport } = await import("../../../static/phone/page/support-report.js");
const { wordsOfWhere } = await import("../../../static/phone/page/whereabouts.js");

const WORDS = { delay: { name: "Laufzeit", findings: { high: { result: "bad", words: "Der Ton braucht {value} ms.", remedy: "" } } } };
const at = new Date(2026, 10, 23, 9, 5);
const [line] = readLines([{ check: "delay", finding: "high", value: 1234.5 }], WORDS);

test("a figure is written as the language of its sentence writes it", () => {
  assert.equal(line.words, "Der Ton braucht 1234,5 ms.");
});

test("a moment is written as the language of its sentence writes it", () => {
  const where = { kind: "browser", elsewhere: { where: "Firefox (Linux)", since: at.getTime() }, move: "" };
  const words = wordsOfWhere({ where, board: { calls: [] }, serverAhead: 0 });
  assert.equal(words, "Das Telefon ist seit 23.11.2026, 09:05 in Firefox (Linux).");
});

test("a level is said in the language of the page", () => {
  assert.equal(wordOf(20), "leise");
});

test("a support report is in English, whatever the page is in", () => {
  const verdict = { code: "wrong_api_secret", title: "Das API key secret ist falsch", twilio: null };
  const report = buildReport({
    now: at,
    zone: "Europe/Berlin",
    pageSession: "0f0e3c0a-6f3e-4e0e-9d5e-2f2d6d1c7a11",
    product: { version: "0.1", account: "ab12", api_key: "cd34", region: "us1" },
    sdk: "2.18.5",
    browser: "A browser",
    isOnline: true,
    edge: "ashburn",
    roundTrip: { server: 12.4, call: null },
    state: "error",
    found: { verdict, at, isOver: false },
    test: { at, isInCall: false, lines: [line] },
    deeds: [],
  });
  assert.match(report, /\nVerdict: wrong_api_secret, since /);
  assert.match(report, /\n {2}delay: bad, high 1234\.5\n/);
  assert.doesNotMatch(report, /falsch|Laufzeit|braucht/);
});
