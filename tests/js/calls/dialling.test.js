import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import * as library from "libphonenumber-js/max";

import { useLibrary } from "../../../static/phone/calls/dialling/plans.js";
import { read } from "../../../static/phone/calls/dialling/reading.js";
import { sentenceOf } from "../../../static/phone/calls/dialling/reasons.js";

const load = (name) => JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../../dialling", name), "utf8"));
const emergency = load("emergency.json");
useLibrary(library);

/** A reading as the table of cases, which the server's tests read too, writes it. */
function asCase({ typed, home, countries }) {
  const { number, after, fault, isWords } = read(typed, { home, countries: countries ?? [], emergency });
  return {
    typed,
    home,
    ...(countries && { countries }),
    ...(number && { number }),
    ...(after && { after }),
    ...(fault && { reason: fault.reason }),
    ...(fault?.country && { about: fault.country }),
    ...(isWords && { words: true }),
  };
}

for (const [kind, cases] of Object.entries(load("cases.json"))) {
  for (const one of cases) {
    test(`${kind}: ${JSON.stringify(one.typed.slice(0, 60))} in ${one.home}`, () => assert.deepEqual(asCase(one), one));
  }
}

test("a reason is said in the same words as by the server", () => {
  for (const { reason, country, typed, sentence } of load("sentences.json")) {
    assert.equal(sentenceOf({ reason, country }, typed), sentence);
  }
});
