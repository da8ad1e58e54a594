import assert from "node:assert/strict";
import test from "node:test";

import { readLines, wordsOfSum } from "../../../static/phone/page/connection-pane.js";

const WORDS = {
  loss: {
    name: "Lost sound",
    findings: {
      ok: { result: "good", words: "{value} % is lost.", remedy: "" },
      high: { result: "bad", words: "{value} % is lost!", remedy: "Use a cable." },
    },
  },
  path: { name: "Way", findings: { not_told: { result: "unknown", words: "Not known.", remedy: "" } } },
};

test("a line is read in the server's words, with its figure", () => {
  assert.deepEqual(readLines([{ check: "loss", finding: "high", value: 12.3 }], WORDS), [
    { check: "loss", finding: "high", name: "Lost sound", result: "bad", words: "12.3 % is lost!", remedy: "Use a cable.", value: 12.3 },
  ]);
  assert.deepEqual(readLines([{ check: "loss", finding: "ok", value: 0 }], WORDS)[0].words, "0 % is lost.");
});

test("what has no words is not shown", () => {
  assert.deepEqual(readLines([{ check: "loss", finding: "odd" }, { check: "odd", finding: "ok" }], WORDS), []);
});

test("the sum names what is bad first, and calls nothing good that is not known", () => {
  const sumOf = (...lines) => wordsOfSum(readLines(lines, WORDS));
  const [ok, high, untold] = [{ check: "loss", finding: "ok" }, { check: "loss", finding: "high" }, { check: "path", finding: "not_told" }];
  assert.equal(sumOf(ok), "All is good.");
  assert.equal(sumOf(ok, untold), "Nothing bad was found. Not known: Way.");
  assert.equal(sumOf(high, untold), "Not good: Lost sound. Below is what to do.");
});
