import assert from "node:assert/strict";
import test from "node:test";

import { cleanAddress, formatAddress, isNumber } from "../../../static/phone/calls/dialling.js";

const cleaned = {
  "+44 (0)20 7946 0000": "+442079460000",
  "(202) 555-0199": "2025550199",
  "\u202a+1 202 555 0199\u202c": "+12025550199",
  "tel:+12025550199": "+12025550199",
  "1-800-FLOWERS": "18003569377",
  "+1 800 flowers": "+18003569377",
  "*100#": "*100#",
  "  Bob  ": "Bob",
  "Bob   Smith": "Bob Smith",
  "bob2": "bob2",
  "4bob": "4bob",
  "bob@example.com": "bob@example.com",
  "client:dnb_ab12": "client:dnb_ab12",
  "": "",
  "-": "-",
};

for (const [typed, dialled] of Object.entries(cleaned)) {
  test(`“${typed}” is dialled as “${dialled}”`, () => assert.equal(cleanAddress(typed), dialled));
}

test("hyphens and spaces of every kind may stand in a pasted number", () => {
  assert.equal(cleanAddress("+1\u00a0202\u2011555\u20130199"), "+12025550199");
});

test("a number is told from a name", () => {
  for (const number of ["+12025550199", "202 555 0199", "1-800-FLOWERS", "*100#"]) assert.ok(isNumber(number), number);
  for (const name of ["Bob", "bob@example.com", "client:x", "", "Room 101"]) assert.ok(!isNumber(name), name);
});

test("numbers are grouped for reading, anything else is left alone", () => {
  assert.equal(formatAddress("+12025550199"), "+1 202 555 0199");
  assert.equal(formatAddress("+442079460000"), "+44 20 7946 0000");
  assert.equal(formatAddress("client:bob"), "bob");
  assert.equal(formatAddress("+4930123456"), "+4930123456");
});
