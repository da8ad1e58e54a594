import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

const made = [];
Object.assign(globalThis, {
  location: new URL("https://phone.example/phone/"),
  trustedTypes: {
    createPolicy(name, rules) {
      made.push(name);
      const trust = (rule) => (...given) => ({ trusted: rule(...given) });
      return { createHTML: trust(rules.createHTML), createScriptURL: trust(rules.createScriptURL) };
    },
  },
  DOMParser: class {
    parseFromString = ({ trusted }) => ({ title: trusted, body: { childNodes: [] }, querySelectorAll: () => [script] });
  },
  document: { createDocumentFragment: () => ({ append() {} }) },
});
const script = { isThere: true, remove: () => (script.isThere = false) };
const { readFragment, readPage, scriptAddress } = await import("../../static/trusted.js");

test("there is one policy, under the name that the server allows", () => assert.deepEqual(made, ["dognbone"]));

test("a script is a file of ours, or the service worker, and nothing else", () => {
  for (const address of ["/static/htmx/htmx.min.js", "https://phone.example/static/a.js", "/service-worker.js"]) {
    assert.deepEqual(scriptAddress(address), { trusted: address });
  }
  const others = ["https://elsewhere.example/static/a.js", "//elsewhere.example/static/a.js", "/phone/recordings/1/"];
  for (const address of [...others, "/static/../phone/", "data:text/javascript,1", "blob:https://phone.example/1", ""]) {
    assert.throws(() => scriptAddress(address), TypeError, address);
  }
});

const answer = (address, type) => ({
  responseURL: address,
  responseText: "Recents",
  getResponseHeader: () => type,
  url: address,
  text: async () => "Recents",
  headers: new Headers(type ? { "Content-Type": type } : {}),
});

test("what our own server answers as a page is read, and its scripts are not", async () => {
  const own = answer("https://phone.example/phone/recents/", "text/html; charset=utf-8");
  assert.equal(readFragment(own).title, "Recents");
  assert.equal(script.isThere, false);
  assert.equal((await readPage(own)).title, "Recents");
});

test("neither what another server answers, nor what is no page, becomes markup", async () => {
  for (const [address, type] of [
    ["https://elsewhere.example/", "text/html"],
    ["https://phone.example/contacts/export/", "text/vcard"],
    ["https://phone.example/", "text/html-like"],
    ["https://phone.example/", null],
  ]) {
    assert.throws(() => readFragment(answer(address, type)), TypeError);
    await assert.rejects(readPage(answer(address, type)), TypeError);
  }
});

test("no other module makes markup of text, or has a policy of its own", () => {
  const folder = path.resolve(import.meta.dirname, "../../static");
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".js"));
  const makes = /\.(inner|outer)HTML\b|insertAdjacentHTML|parseFromString|parseHTMLUnsafe|createContextualFragment|createPolicy|\.srcdoc\b|document\.write/;
  const making = files.filter((file) => makes.test(readFileSync(path.join(folder, file), "utf8")));
  assert.deepEqual(making, ["trusted.js"]);
});
