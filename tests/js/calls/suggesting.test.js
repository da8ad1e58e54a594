import assert from "node:assert/strict";
import test from "node:test";

import { AT_MOST, colleaguesLike, questionOf, suggestionsFor, wordsOfCount } from "../../../static/phone/calls/suggesting.js";

const bob = { name: "Bob Ångström", email: "bob@example.com" };
const anna = { name: "Anna", email: "a.bobrov@example.com" };
const one = (/** @type {string} */ to, name = to) => ({ to, name, detail: "" });

test("a letter is a question, and of a number three digits are", () => {
  assert.equal(questionOf(" b"), "b");
  assert.equal(questionOf("+44"), "");
  assert.equal(questionOf("(02"), "");
  assert.equal(questionOf("+44 2"), "+44 2");
  assert.equal(questionOf("  "), "");
  assert.equal(questionOf("x".repeat(500)).length, 100);
});

test("a colleague whose name begins so comes before one in whose address it stands", () => {
  assert.deepEqual(colleaguesLike("bob", [anna, bob]).map(({ to }) => to), [bob.email, anna.email]);
  assert.deepEqual(colleaguesLike("ANGSTR", [anna, bob]).map(({ name }) => name), [bob.name]);
  assert.deepEqual(colleaguesLike("zoe", [anna, bob]), []);
  assert.deepEqual(colleaguesLike("12", [{ name: "Agent 12", email: "12@example.com" }]), []);
});

test("each is suggested once, eight at most, and contacts are not crowded out by colleagues", () => {
  const many = [...Array(10).keys()].map((at) => one(`c${at}@example.com`));
  const told = [one("+4420"), one("+4421"), one("+4420", "again")];
  const found = suggestionsFor("c", many, told);
  assert.equal(found.length, AT_MOST);
  assert.deepEqual(found.slice(0, 6).map(({ to }) => to), [...many.slice(0, 4).map(({ to }) => to), "+4420", "+4421"]);
});

test("what stands in the field already is not suggested", () => {
  assert.deepEqual(suggestionsFor("+44 20 7946 0000", [], [one("+442079460000", "Ida")]), []);
  assert.deepEqual(suggestionsFor("BOB@example.com", [one(bob.email)], []), []);
  assert.equal(suggestionsFor("+44 20 7946 000", [], [one("+442079460000", "Ida")]).length, 1);
});

test("how many there are is said with what to press, and nothing where there are none", () => {
  assert.equal(wordsOfCount(1), "1 suggestion. Press the down arrow to choose.");
  assert.equal(wordsOfCount(3), "3 suggestions. Press the down arrow to choose.");
  assert.equal(wordsOfCount(0), "");
});
