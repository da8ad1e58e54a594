import assert from "node:assert/strict";
import test from "node:test";

import { Tabs } from "../../../static/phone/tabs/tabs.js";
import { StandInChannels, StandInLocks, settle } from "./browser-stand-ins.js";

class Browser {
  locks = new StandInLocks();
  channels = new StandInChannels();

  async open(id, told = { isBusy: false }, more = {}) {
    const locks = this.locks.forTab();
    const { tab, openChannel } = this.channels.forTab();
    const seen = { roles: [], asked: [], heard: 0, told };
    const every = (beat) => ((seen.tick = beat), () => (seen.tick = () => {}));
    const tabs = new Tabs({
      id,
      name: "phone of alice",
      locks,
      openChannel,
      every,
      getTold: () => seen.told,
      became: (role) => seen.roles.push(role),
      heard: () => (seen.heard += 1),
      asked: (deed, args) => seen.asked.push([deed, args]),
      ...more,
    });
    tabs.join();
    await settle();
    const close = async () => (locks.end(), (tab.isFrozen = true), await settle());
    const freeze = () => (tab.isFrozen = true);
    const tick = async (times = 1) => {
      for (let count = 0; count < times; count += 1) {
        seen.tick();
        await settle();
      }
    };
    return { tabs, seen, close, freeze, thaw: () => (tab.isFrozen = false), tick };
  }
}

test("the first tab is the phone, and the others are spares that are told what it shows", async () => {
  const browser = new Browser();
  const first = await browser.open("one", { isBusy: false, state: "ready" });
  const second = await browser.open("two");
  assert.deepEqual([first.tabs.role, second.tabs.role], ["phone", "spare"]);
  assert.deepEqual(second.tabs.told, { isBusy: false, state: "ready" });
  assert.deepEqual([second.tabs.phone, first.tabs.hasSpares, second.tabs.hasSpares], ["one", true, false]);

  first.seen.told = { isBusy: true, state: "ready" };
  first.tabs.tell();
  await settle();
  assert.equal(second.tabs.told.isBusy, true);
  second.tabs.ask("mute", 1, "two");
  await settle();
  assert.deepEqual([first.seen.asked, second.seen.asked], [[["mute", [1, "two"]]], []]);
});

test("a phone that is closed is followed by the spare that waits longest, at once", async () => {
  const browser = new Browser();
  const [first, second, third] = [await browser.open("one"), await browser.open("two"), await browser.open("three")];
  await first.close();
  assert.deepEqual([second.tabs.role, third.tabs.role], ["phone", "spare"]);
  assert.equal(third.tabs.phone, "two");
});

test("a tab that takes over is the phone, and the one before stands in line behind those who waited", async () => {
  const browser = new Browser();
  const [first, second, third] = [await browser.open("one"), await browser.open("two"), await browser.open("three")];
  third.tabs.take();
  await settle();
  assert.deepEqual([first, second, third].map(({ tabs }) => tabs.role), ["spare", "spare", "phone"]);
  assert.deepEqual(first.seen.roles, ["phone", "spare"]);
  await third.close();
  assert.equal(second.tabs.role, "phone");
  await second.close();
  assert.equal(first.tabs.role, "phone");
});

test("a phone that holds its lock and is silent is robbed of it; on waking it is a spare", async () => {
  const browser = new Browser();
  const [first, second] = [await browser.open("one"), await browser.open("two")];
  first.freeze();
  await second.tick(2);
  first.thaw();
  await second.tick(1);
  first.freeze();
  await second.tick(3);
  assert.equal(second.tabs.role, "spare", "an answer begins the count anew");
  await second.tick(1);
  assert.equal(second.tabs.role, "phone");
  first.thaw();
  await settle();
  assert.equal(first.tabs.role, "spare");
});

test("in a call a silent phone is left alone for much longer", async () => {
  const browser = new Browser();
  const first = await browser.open("one", { isBusy: true });
  const second = await browser.open("two");
  first.freeze();
  await second.tick(14);
  assert.equal(second.tabs.role, "spare");
  await second.tick(3);
  assert.equal(second.tabs.role, "phone");
});

test("a tab that finds a lock held by a frozen one, of which it has never heard, takes it all the same", async () => {
  const browser = new Browser();
  const first = await browser.open("one");
  first.freeze();
  const second = await browser.open("two");
  assert.equal(second.tabs.role, "unknown");
  await second.tick(4);
  assert.equal(second.tabs.role, "phone");
});

test("a tab that leaves lets the next have the phone, and is a spare once it is back", async () => {
  const browser = new Browser();
  const [first, second] = [await browser.open("one"), await browser.open("two")];
  first.tabs.leave();
  await settle();
  assert.deepEqual([first.tabs.role, second.tabs.role], ["unknown", "phone"]);
  first.tabs.join();
  await settle();
  assert.deepEqual([first.tabs.role, second.tabs.role], ["spare", "phone"]);
});

test("a spare that left its place in line is not seated while it is gone", async () => {
  const browser = new Browser();
  const [first, second] = [await browser.open("one"), await browser.open("two")];
  second.tabs.leave();
  await settle();
  assert.equal(first.tabs.hasSpares, false);
  await first.close();
  assert.equal(second.tabs.role, "unknown");
});

test("spares that are not heard of any more are forgotten", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const browser = new Browser();
  const [first, second] = [await browser.open("one"), await browser.open("two")];
  await second.close();
  t.mock.timers.tick(5_000);
  await first.tick();
  assert.equal(first.tabs.hasSpares, true);
  t.mock.timers.tick(2_000);
  await first.tick();
  assert.equal(first.tabs.hasSpares, false);
});

test("without locks, without channels, or where the browser forbids them, each tab is a phone", async () => {
  const forbidden = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
  for (const more of [{ locks: undefined }, { openChannel: undefined }, { locks: forbidden }]) {
    const browser = new Browser();
    const [first, second] = [await browser.open("one", {}, more), await browser.open("two", {}, more)];
    assert.deepEqual([first.tabs.role, second.tabs.role], ["phone", "phone"]);
    assert.deepEqual(first.seen.roles, ["phone"]);
  }
});

test("another person's phone in the same browser is another phone", async () => {
  const browser = new Browser();
  const hers = await browser.open("one");
  const his = await browser.open("two", {}, { name: "phone of bob", locks: new StandInLocks().forTab() });
  assert.deepEqual([hers.tabs.role, his.tabs.role, hers.tabs.hasSpares], ["phone", "phone", false]);
});

test("what is no message of ours is passed over", async () => {
  const browser = new Browser();
  const first = await browser.open("one");
  const second = await browser.open("two");
  const { openChannel } = browser.channels.forTab();
  const stranger = openChannel("phone of alice");
  for (const odd of [null, 1, "who", {}, { type: "ask", to: "three", deed: "mute", args: [] }]) stranger.postMessage(odd);
  await settle();
  assert.deepEqual([first.tabs.role, second.tabs.role, first.seen.asked], ["phone", "spare", []]);
});
