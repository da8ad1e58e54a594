import assert from "node:assert/strict";
import test from "node:test";

import { Presences } from "../../../static/phone/calls/presences.js";

const bob = { name: "Bob", email: "bob@example.com" };
const told = (state, version, email = bob.email) => ({ email, state, version });

test("the newer word of somebody counts, whichever comes first", () => {
  const presences = new Presences();
  assert.equal(presences.stateOf(bob.email), "");
  assert.equal(presences.heard([told("away", 3)]), true);
  assert.equal(presences.heard([told("free", 2)]), false);
  assert.equal(presences.stateOf(bob.email), "away");
  assert.equal(presences.heard([told("away", 4)]), false);
  assert.equal(presences.heard([told("in_call", 4)]), true);
  assert.equal(presences.stateOf(bob.email), "in_call");
});

test("what is no presence is passed over, and the others are taken", () => {
  const presences = new Presences();
  const odd = [null, 7, {}, told("asleep", 1), told("free", "1"), { email: 1, state: "free", version: 1 }];
  for (const people of [undefined, "free", { length: 1 }, odd]) assert.equal(presences.heard(people), false);
  assert.equal(presences.heard([...odd, told("free", 1, "carol@example.com")]), true);
  assert.deepEqual([presences.stateOf("carol@example.com"), presences.stateOf(bob.email)], ["free", ""]);
});

test("before a call one is told of a colleague who may not take it, and of nobody else", () => {
  const presences = new Presences();
  assert.equal(presences.hintFor(bob), "");
  const hints = ["free", "in_call", "do_not_disturb", "away"].map((state, version) => {
    presences.heard([told(state, version)]);
    return presences.hintFor(bob);
  });
  assert.deepEqual(hints, [
    "",
    "Bob is in a call just now.",
    "Bob does not want to be disturbed.",
    "Bob is away from the phone.",
  ]);
});
