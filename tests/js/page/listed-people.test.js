import assert from "node:assert/strict";
import test from "node:test";

import { ListedPeople } from "../../../static/phone/page/listed-people.js";

/** A page with lists of people, and what of it is asked for anew. */
function makePage(t) {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  class Element {
    isConnected = true;
    isOpen = false;
    fields = [];
    constructor(id, listedAt) {
      this.id = id;
      this.dataset = { listedAt };
    }
    contains() {
      return false;
    }
    querySelector() {
      return this.isOpen ? {} : null;
    }
    querySelectorAll() {
      return this.fields;
    }
  }
  class Field {
    type = "email";
    value = "";
    defaultValue = "";
  }
  const lists = [];
  const document = Object.assign(new EventTarget(), { activeElement: null, querySelectorAll: () => lists, querySelector: () => null });
  const before = { document: globalThis.document, HTMLElement: globalThis.HTMLElement, HTMLInputElement: globalThis.HTMLInputElement };
  Object.assign(globalThis, { document, HTMLElement: Element, HTMLInputElement: Field });
  t.after(() => Object.assign(globalThis, before));
  const asked = [];
  const people = new ListedPeople({ renew: async (url, part) => void asked.push([url, part]), renewed: () => asked.push("renewed") });
  const settle = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    return asked.splice(0);
  };
  return {
    add: (id = "people") => lists[lists.push(new Element(id, `/${id}/`)) - 1],
    makeField: () => new Field(),
    hear: () => (people.heard(), settle()),
    happens: async (name) => {
      document.dispatchEvent(new Event(name));
      await new Promise((done) => setTimeout(done));
      return settle();
    },
    pass: (ms) => (now += ms),
    document,
  };
}

const RENEWED = [["/people/", "#people"], "renewed"];

test("each list that is shown is asked for anew, and where there is none, nothing", async (t) => {
  const page = makePage(t);
  assert.deepEqual(await page.hear(), []);
  page.add();
  page.add("colleagues");
  assert.deepEqual(await page.hear(), [...RENEWED, ["/colleagues/", "#colleagues"], "renewed"]);
});

test("a list waits for whoever has opened a line of it, or types", async (t) => {
  const page = makePage(t);
  const list = page.add();
  list.isOpen = true;
  assert.deepEqual(await page.hear(), []);
  assert.deepEqual(await page.happens("focusout"), []);
  list.isOpen = false;
  assert.deepEqual(await page.happens("toggle"), RENEWED);
  const field = page.makeField();
  list.fields = [field];
  field.value = "new@exam";
  assert.deepEqual(await page.hear(), []);
  field.value = "";
  page.document.activeElement = field;
  assert.deepEqual(await page.happens("focusout"), []);
  page.document.activeElement = null;
  assert.deepEqual(await page.happens("focusout"), RENEWED);
  assert.deepEqual(await page.happens("focusout"), [], "once");
});

test("a list that has come is not put under the hands of somebody who has begun with it meanwhile", async (t) => {
  const page = makePage(t);
  const list = page.add();
  const swap = (target) => {
    const detail = { target, shouldSwap: true };
    page.document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail }));
    return detail.shouldSwap;
  };
  assert.equal(swap(list), true);
  list.isOpen = true;
  assert.equal(swap(list), false);
  const other = page.add("other");
  other.dataset = {};
  other.isOpen = true;
  assert.equal(swap(other), true, "what is no such list is none of its business");
  list.isOpen = false;
  assert.deepEqual(await page.happens("toggle"), RENEWED);
});

test("a list that was left is asked for no more", async (t) => {
  const page = makePage(t);
  const list = page.add();
  list.isOpen = true;
  await page.hear();
  Object.assign(list, { isConnected: false, isOpen: false });
  assert.deepEqual(await page.happens("toggle"), []);
});

test("a list that was on its way as it became old is asked for once more, and later ones are not", async (t) => {
  const page = makePage(t);
  await page.hear();
  page.add();
  assert.deepEqual(await page.happens("pane-shown"), RENEWED);
  page.pass(10_000);
  assert.deepEqual(await page.happens("pane-shown"), []);
});
