import assert from "node:assert/strict";
import test from "node:test";

import { ImportProgress } from "../../../static/phone/page/import-progress.js";

/** A page that shows an import, and what the server says of it each time it is asked. */
function makePage(t, answers) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const said = { textContent: "" };
  const page = { shown: /** @type {{dataset: Record<string, string>} | null} */ (running()) };
  const document = Object.assign(new EventTarget(), {
    hidden: false,
    querySelector: (selector) => (selector === "#import-progress" ? page.shown : said),
  });
  const location = { pathname: "/phone/contacts/imports/1/" };
  const before = { document: globalThis.document, location: globalThis.location };
  Object.assign(globalThis, { document, location });
  t.after(() => Object.assign(globalThis, before));
  const asked = [];
  new ImportProgress(async (url, part) => {
    asked.push([url, part]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    page.shown = answer ?? null;
  });
  const second = async () => {
    t.mock.timers.tick(1000);
    await new Promise(setImmediate);
    return asked.splice(0);
  };
  return { document, location, page, said, second };
}

const running = () => ({ dataset: { import: "running" } });
const over = () => ({ dataset: { import: "over", said: "The import is done. 3 came in." } });
const ASKED = [["/phone/contacts/imports/1/", "#import-progress"]];

test("an import is asked for every second until it is over, which is said once", async (t) => {
  const { said, second } = makePage(t, [running(), over()]);
  assert.deepEqual(await second(), ASKED);
  assert.equal(said.textContent, "");
  assert.deepEqual(await second(), ASKED);
  assert.equal(said.textContent, "The import is done. 3 came in.");
  assert.deepEqual(await second(), []);
});

test("a server that is away for a moment is asked again", async (t) => {
  const { second } = makePage(t, [new Error("away"), running()]);
  assert.deepEqual(await second(), ASKED);
  assert.deepEqual(await second(), ASKED);
});

test("nothing is asked while nobody looks, and it goes on when somebody does", async (t) => {
  const { document, second } = makePage(t, [over()]);
  document.hidden = true;
  assert.deepEqual(await second(), []);
  document.hidden = false;
  assert.deepEqual(await second(), ASKED);
});

test("another pane ends it, and coming back begins it anew", async (t) => {
  const { document, page, second } = makePage(t, [over()]);
  page.shown = null;
  document.dispatchEvent(new Event("pane-shown"));
  assert.deepEqual(await second(), []);
  page.shown = running();
  document.dispatchEvent(new Event("pane-shown"));
  document.dispatchEvent(new Event("pane-shown"));
  assert.deepEqual(await second(), ASKED);
});

test("an import that was over when it was opened is not announced again", async (t) => {
  const { document, page, said, second } = makePage(t, []);
  page.shown = over();
  document.dispatchEvent(new Event("pane-shown"));
  assert.deepEqual(await second(), []);
  assert.equal(said.textContent, "");
});
