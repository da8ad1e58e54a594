import assert from "node:assert/strict";
import test from "node:test";

import { Recents } from "../../../static/phone/page/recents.js";

/** A page that shows one call, with a sound in it, and what of it is asked for anew. */
function makeRecents(t, { call = "1", sounds = [] } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  class Element {
    dataset = { call };
    querySelectorAll() {
      return sounds;
    }
  }
  const one = new Element();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const document = Object.assign(new EventTarget(), {
    hidden: false,
    cookie: `time_zone=${encodeURIComponent(zone)}`,
    querySelector: (selector) => (selector === "#one-call" ? one : selector === "#recents" ? shown.list : null),
    querySelectorAll: () => [],
  });
  const shown = { list: null };
  const names = ["document", "HTMLElement", "HTMLInputElement", "location", "scrollY"];
  const before = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const location = { pathname: "/phone/recents/1/", protocol: "http:", href: "http://phone/" };
  Object.assign(globalThis, { document, HTMLElement: Element, HTMLInputElement: Element, location, scrollY: 0 });
  t.after(() => Object.assign(globalThis, before));
  const renewed = [];
  const recents = new Recents(async (url, part) => void renewed.push([url, part]));
  const settle = async () => {
    t.mock.timers.tick(150);
    await new Promise(setImmediate);
  };
  const hear = async (...what) => {
    recents.heard(...what);
    await settle();
    return renewed.splice(0);
  };
  const end = async () => {
    document.dispatchEvent(new Event("ended"));
    await settle();
    return renewed.splice(0);
  };
  /** A pane comes, with a list or without. */
  const show = async (hasList) => {
    shown.list = hasList ? Object.assign(new Element(), { dataset: { newest: "/phone/recents/?newest" } }) : null;
    document.dispatchEvent(new Event("htmx:afterSwap"));
    await settle();
    return renewed.splice(0);
  };
  return { hear, end, show };
}

const RENEWED = [["/phone/recents/1/", "#one-call"]];

test("one call is asked for anew when it is news itself, or may be", async (t) => {
  const { hear } = makeRecents(t);
  assert.deepEqual(await hear("2"), []);
  assert.deepEqual(await hear("1"), RENEWED);
  assert.deepEqual(await hear("2"), []);
  assert.deepEqual(await hear(), RENEWED);
});

test("a sound that somebody listens to is left alone until it has ended", async (t) => {
  const sound = { paused: false, ended: false, currentTime: 3 };
  const { hear, end } = makeRecents(t, { sounds: [sound] });
  assert.deepEqual(await hear("1"), []);
  sound.paused = true;
  assert.deepEqual(await hear("2"), []);
  sound.ended = true;
  assert.deepEqual(await end(), RENEWED);
  assert.deepEqual(await end(), []);
});

test("a list that was on its way when a call became news is asked for anew, once", async (t) => {
  const { hear, show } = makeRecents(t);
  assert.deepEqual(await show(true), []);
  assert.deepEqual(await show(false), []);
  assert.deepEqual(await hear("7"), []);
  const anew = [["/phone/recents/?newest", "#recents"]];
  assert.deepEqual(await show(true), anew);
  assert.deepEqual(await show(false), []);
});
