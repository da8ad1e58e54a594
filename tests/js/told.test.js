import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { nameDeed, readTold, tell } from "../../static/told.js";

const STATIC = path.resolve(import.meta.dirname, "../../static");

test("each request has a name of its own", () => {
  assert.match(nameDeed()["X-Deed"] ?? "", /^[0-9a-f-]{36}$/);
  assert.notDeepEqual(nameDeed(), nameDeed());
});

test("what an answer says is told to the page, and nothing where it says nothing", () => {
  const heard = [];
  globalThis.document = /** @type {any} */ (new EventTarget());
  document.addEventListener("toasts", ({ detail }) => heard.push(detail));
  const headers = new Headers({ "X-Toasts": JSON.stringify([{ words: "Saved." }]) });
  tell(readTold((name) => headers.get(name)));
  tell(readTold(() => null));
  assert.deepEqual(heard, [[{ words: "Saved." }]]);
});

test("no other module speaks of the headers, nor tells of them by itself", () => {
  const files = readdirSync(STATIC, { recursive: true }).filter((file) => file.endsWith(".js"));
  const speak = files.filter((file) => /"X-Deed"|"X-Toasts"|CustomEvent\("toasts"/.test(readFileSync(path.join(STATIC, file), "utf8")));
  assert.deepEqual(speak, ["told.js"]);
});
