import assert from "node:assert/strict";
import test from "node:test";

import { AT_ONCE, DeviceEvents, MOST_KEPT, queuePrefix, readQueue } from "../../../static/phone/relay/device-events.js";
import { FullStorage, MemoryStorage } from "../stand-ins.js";

const report = { state: "ready", sdk_event: "registered" };

function makeQueue({ storage = new MemoryStorage(), isOpen = true, pageSession = "page-1" } = {}) {
  const wire = { isOpen, sent: [] };
  let made = 0;
  const events = new DeviceEvents({
    storage,
    identity: "dnb_alice",
    pageSession,
    send: (frame) => wire.isOpen && wire.sent.push(frame) > 0,
    now: () => Date.UTC(2026, 10, 23, 10, 42),
    makeId: () => `${pageSession}-${++made}`,
  });
  return { events, wire, storage };
}

test("a report becomes a frame with exactly the fields that the server takes", () => {
  const { events, wire } = makeQueue();
  events.add({ state: "error", sdk_event: "error", code: 31202, message: "no" });
  assert.deepEqual(wire.sent, [
    {
      type: "event",
      id: "page-1-1",
      seq: 1,
      state: "error",
      sdk_event: "error",
      code: 31202,
      original_code: null,
      message: "no",
      at: "2026-11-23T10:42:00.000Z",
    },
  ]);
});

test("what was reported without a socket is sent in order when one opens", () => {
  const { events, wire } = makeQueue({ isOpen: false });
  for (const state of ["connecting", "ready", "offline"]) events.add({ state, sdk_event: state });
  assert.equal(wire.sent.length, 0);
  wire.isOpen = true;
  events.resend();
  assert.deepEqual(wire.sent.map(({ seq, state }) => [seq, state]), [[1, "connecting"], [2, "ready"], [3, "offline"]]);
});

test("what was sent is sent again until it is acknowledged, with the same id", () => {
  const { events, wire } = makeQueue();
  events.add(report);
  events.add(report);
  events.forget("page-1-1");
  events.resend();
  assert.deepEqual(wire.sent.map(({ id }) => id), ["page-1-1", "page-1-2", "page-1-2"]);
  events.forget("page-1-2");
  events.resend();
  assert.equal(wire.sent.length, 3);
});

test("of very many only some are on their way, in order, and each acknowledgement lets the next go", () => {
  const { events, wire } = makeQueue({ isOpen: false });
  for (let made = 0; made < AT_ONCE + 2; made += 1) events.add(report);
  wire.isOpen = true;
  events.resend();
  events.add(report);
  assert.equal(wire.sent.length, AT_ONCE);
  for (let seq = 1; seq <= AT_ONCE + 3; seq += 1) events.forget(`page-1-${seq}`);
  assert.deepEqual(wire.sent.map(({ seq }) => seq), Array.from({ length: AT_ONCE + 3 }, (_, index) => index + 1));
  assert.equal(events.waiting, 0);
});

test("reports that the bound has thrown away hold up no others", () => {
  const { events, wire } = makeQueue();
  for (let made = 0; made < MOST_KEPT + AT_ONCE; made += 1) events.add(report);
  assert.equal(wire.sent.length, 2 * AT_ONCE);
});

test("an acknowledgement of something unknown changes nothing", () => {
  const { events } = makeQueue();
  events.add(report);
  events.forget("another");
  events.forget(null);
  assert.equal(events.waiting, 1);
});

test("what is not acknowledged outlives the page", () => {
  const { events, storage } = makeQueue({ isOpen: false });
  events.add(report);
  const later = makeQueue({ storage });
  later.events.resend();
  assert.deepEqual(later.wire.sent.map(({ id }) => id), ["page-1-1"]);
});

test("two pages keep their reports apart, and each removes its queue when all is recorded", () => {
  const storage = new MemoryStorage();
  const first = makeQueue({ storage });
  const second = makeQueue({ storage, pageSession: "page-2" });
  first.events.add(report);
  second.events.add(report);
  second.events.forget("page-2-1");
  assert.equal(storage.length, 1);
  assert.equal(storage.key(0), `${queuePrefix("dnb_alice")}page-1`);
});

test("the queue is bounded, and the oldest report goes", () => {
  const { events, wire } = makeQueue({ isOpen: false });
  for (let n = 0; n < MOST_KEPT + 5; n++) events.add(report);
  wire.isOpen = true;
  events.resend();
  assert.equal(events.waiting, MOST_KEPT);
  assert.equal(wire.sent[0].seq, 6);
});

test("without room to store, reports last as long as the page", () => {
  const { events, wire } = makeQueue({ storage: new FullStorage() });
  events.add(report);
  events.resend();
  assert.equal(wire.sent.length, 2);
});

test("a queue that cannot be read is no queue, and is thrown away", () => {
  const storage = new MemoryStorage();
  const key = `${queuePrefix("dnb_alice")}page-1`;
  for (const rubbish of ["{", "7", "null", '[1, null, {"x": 1}]']) {
    storage.setItem(key, rubbish);
    assert.deepEqual(readQueue(storage, key), []);
    assert.equal(makeQueue({ storage }).events.waiting, 0);
    assert.equal(storage.getItem(key), null);
  }
});

test("a message is cut to what the server takes", () => {
  const { events, wire } = makeQueue();
  events.add({ ...report, message: `a\0${"b".repeat(998)}😀` });
  const [{ message }] = wire.sent;
  assert.ok(message.length <= 1000);
  assert.ok(message.isWellFormed() && !message.includes("\0"));
});
