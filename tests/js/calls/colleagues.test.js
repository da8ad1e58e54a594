import assert from "node:assert/strict";
import test from "node:test";

import { takeColleagues } from "../../../static/phone/calls/colleagues.js";

const OWN = "alice@example.com";
const alice = { name: "Alice", email: OWN, state: "free", version: 1 };
const bob = { name: "Bob", email: "bob@example.com", state: "away", version: 2 };
const carol = { name: "Carol", email: "carol@example.com", state: "free", version: 1 };

function makeList() {
  return [{ name: "Bob", email: "bob@example.com" }];
}

test("who comes, goes or is renamed is in the list that others look into, and oneself is not", () => {
  const known = makeList();
  assert.equal(takeColleagues(known, [alice, bob, carol], OWN), true);
  assert.deepEqual(known.map(({ name }) => name), ["Bob", "Carol"]);
  assert.equal(takeColleagues(known, [alice, carol], OWN), true);
  assert.equal(takeColleagues(known, [alice, { ...carol, name: "Caroline" }], OWN), true);
  assert.deepEqual(known, [{ name: "Caroline", email: "carol@example.com" }]);
  assert.equal(takeColleagues(known, [], OWN), true);
  assert.deepEqual(known, []);
});

test("the same people, however they are just now, are no news", () => {
  const known = makeList();
  assert.equal(takeColleagues(known, [{ ...bob, state: "in_call", version: 9 }, alice], OWN), false);
  assert.deepEqual(known, makeList());
});

test("what is no person is passed over", () => {
  const known = makeList();
  assert.equal(takeColleagues(known, [null, 1, {}, { email: 2, name: "x" }, { email: "x" }, bob], OWN), false);
  assert.equal(takeColleagues(known, "nobody", OWN), true);
  assert.deepEqual(known, []);
});
