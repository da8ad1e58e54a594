import assert from "node:assert/strict";
import test from "node:test";

import { DigitQueue, readDigits } from "../../../static/phone/calls/digits.js";

test("what is pasted is read as people write PINs", () => {
  for (const [text, digits] of [
    ["1234#", "1234#"],
    [" 12 34-56 ", "123456"],
    ["1,,2;3", "1,,2,3"],
    ["1ww2W3p4", "1ww2w3,4"],
    ["(020) 7946/0958", "02079460958"],
    ["１２３＃", "123#"],
  ]) {
    assert.equal(readDigits(text), digits);
  }
});

test("a text with anything else is no PIN, nor are pauses alone", () => {
  for (const text of ["PIN 1234", "+44", "", ",,", "ww", "12a"]) assert.equal(readDigits(text), "");
});

test("tones that wait are sent to nobody but whom they were typed for", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let hearer = "Bob";
  const sent = [];
  const queue = new DigitQueue({ send: (digit) => sent.push(hearer + digit), getHearer: () => hearer });
  queue.push("12,3");
  hearer = "Carol";
  t.mock.timers.tick(10_000);
  assert.deepEqual(sent, ["Bob1"]);

  hearer = "Bob";
  queue.push("4567");
  hearer = "Carol";
  queue.push("89");
  t.mock.timers.tick(10_000);
  hearer = "";
  queue.push("0");
  t.mock.timers.tick(10_000);
  assert.deepEqual(sent, ["Bob1", "Bob4", "Carol8", "Carol9"]);
});
