import assert from "node:assert/strict";
import test from "node:test";

import { Launches } from "../../../static/phone/page/launches.js";

class StandInLink {
  clicks = 0;
  constructor(pathname) {
    this.pathname = pathname;
  }
  click() {
    this.clicks += 1;
  }
}

/** @param {string} search What this page's own address ends in. */
function launch(search = "") {
  const links = ["/phone/recents/", "/phone/voicemail/"].map((path) => new StandInLink(path));
  const done = [];
  let consumer;
  globalThis.location = { origin: "https://phone.example.com", href: `https://phone.example.com/${search}`, search };
  globalThis.HTMLAnchorElement = StandInLink;
  globalThis.document = { querySelectorAll: () => links };
  globalThis.launchQueue = { setConsumer: (given) => (consumer = given) };
  const launches = new Launches({
    prefill: (wanted) => done.push(`prefill ${wanted}`),
    dial: () => done.push("dial"),
  });
  const open = (address) => consumer({ targetURL: new URL(address, "https://phone.example.com").href });
  return { done, links, launches, open };
}

test("a link to a number fills in the phone that is open", () => {
  const { done, open } = launch();
  open("/?call=tel%3A%2B4930123456");
  open("/?call=tel:+1-202-555-0123");
  assert.deepEqual(done, ["prefill tel:+4930123456", "prefill tel:+1-202-555-0123"]);
});

test("the icon's shortcuts open a pane, or the keys", () => {
  const { done, links, open } = launch();
  open("/phone/voicemail/");
  open("/?dial");
  open("/phone/nothing-there/");
  assert.deepEqual([done, links.map(({ clicks }) => clicks)], [["dial"], [0, 1]]);
});

test("how the page itself was opened is not opened again", () => {
  const { done, open } = launch("?dial");
  open("/?dial");
  assert.deepEqual(done, ["dial"]);
});

test("what is elsewhere is not opened", () => {
  const { done, links, launches } = launch();
  launches.open("https://elsewhere.example/phone/recents/");
  assert.deepEqual([done, links.map(({ clicks }) => clicks)], [[], [0, 0]]);
});
