import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

import { goOnFrom } from "../../../static/phone/tabs/early-line.js";
import { Seat } from "../../../static/phone/tabs/seat.js";
import { StandInLocks, settle } from "./browser-stand-ins.js";

const SCRIPT = readFileSync(new URL("../../../static/phone/page/early.js", import.meta.url), "utf8");
const NAME = "dognbone.phone.alice";

/** A tab in which the early script has run, and whose modules have come. */
function openTab(locks, { early = true, heard = [] } = {}) {
  const own = locks.forTab();
  const page = { navigator: { locks: own }, document: { currentScript: { dataset: { seat: NAME } } }, AbortController };
  page.globalThis = page;
  if (early) vm.runInNewContext(SCRIPT, page);
  const seat = new Seat({
    name: NAME,
    locks: goOnFrom(page.dognboneLine, own),
    gained: () => heard.push("gained"),
    lost: () => heard.push("lost"),
    unavailable: () => heard.push("unavailable"),
  });
  return { seat, heard, own };
}

test("the seat that was asked for early is had at once, and given up as any other", async () => {
  const locks = new StandInLocks();
  const first = openTab(locks);
  await settle();
  first.seat.wait();
  await Promise.resolve();
  assert.deepEqual([first.heard, first.seat.isHeld], [["gained"], true]);
  const second = openTab(locks);
  second.seat.wait();
  await settle();
  assert.deepEqual(second.heard, []);
  first.seat.leave();
  await settle();
  assert.deepEqual([second.heard, second.seat.isHeld], [["gained"], true]);
});

test("who stands in line early takes the seat as any other, and leaves no place in line behind", async () => {
  const locks = new StandInLocks();
  const [first, second] = [openTab(locks), openTab(locks)];
  first.seat.wait();
  second.seat.wait();
  await settle();
  second.seat.take();
  await settle();
  assert.deepEqual([first.heard, second.heard, locks.queue.length], [["gained", "lost"], ["gained"], 0]);
  // The line is stood in anew from here on.
  first.seat.wait();
  second.seat.leave();
  await settle();
  assert.deepEqual(first.heard, ["gained", "lost", "gained"]);
});

test("whoever leaves the line before it is their turn is not seated later", async () => {
  const locks = new StandInLocks();
  const [first, second] = [openTab(locks), openTab(locks)];
  first.seat.wait();
  second.seat.wait();
  await settle();
  second.seat.leave();
  first.seat.leave();
  await settle();
  assert.deepEqual([second.heard, locks.holder, locks.queue], [[], null, []]);
});

test("a browser that gives no locks says so as ever", async () => {
  const refused = { forTab: () => ({ request: () => Promise.reject(new DOMException("no", "SecurityError")) }) };
  const tab = openTab(refused);
  tab.seat.wait();
  await settle();
  assert.deepEqual(tab.heard, ["unavailable"]);
});

test("what comes too late stands in no line", async () => {
  const locks = new StandInLocks();
  const page = { navigator: { locks: locks.forTab() }, document: { currentScript: { dataset: { seat: NAME } } } };
  page.globalThis = page;
  page.dognboneLine = null;
  vm.runInNewContext(SCRIPT, page);
  await settle();
  assert.equal(locks.holder, null);
});
