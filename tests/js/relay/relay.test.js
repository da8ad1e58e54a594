import assert from "node:assert/strict";
import test from "node:test";

import { Relay } from "../../../static/phone/relay/relay.js";
import { MemoryStorage, StandInSocket } from "../stand-ins.js";

const report = { state: "ready", sdk_event: "registered" };

function makeRelay(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  StandInSocket.made = [];
  const { WebSocket } = globalThis;
  globalThis.WebSocket = StandInSocket;
  t.after(() => (globalThis.WebSocket = WebSocket));
  const nothing = () => {};
  const relay = new Relay({
    socketUrl: "ws://here/ws/device/",
    identity: "dnb_alice",
    pageSession: "page-1",
    storage: new MemoryStorage(),
    getState: () => "ready",
    handlers: { opened: nothing, closed: nothing, signedOut: nothing, frame: nothing },
  });
  relay.socket.connect();
  StandInSocket.made[0].open();
  relay.report(report);
  return { relay, wires: StandInSocket.made, tick: (ms) => t.mock.timers.tick(ms) };
}

const listEvents = (wire) => wire.sent.filter(({ type }) => type === "event");

test("a socket that acknowledges nothing is dialled anew, and is sent all of it again", (t) => {
  const { wires, tick } = makeRelay(t);
  tick(10_000);
  assert.equal(wires.length, 2);
  wires[1].open();
  assert.deepEqual(listEvents(wires[1]), listEvents(wires[0]));
});

test("where the next acknowledges nothing either, it is given longer, until something is", (t) => {
  const { wires, tick } = makeRelay(t);
  tick(10_000);
  wires[1].open();
  tick(19_000);
  assert.equal(wires.length, 2);
  tick(1_000);
  assert.equal(wires.length, 3);
  wires[2].open();
  const [event] = listEvents(wires[2]);
  wires[2].hear({ type: "refused", id: null, reason: "the database is away" });
  tick(10_000);
  assert.equal(wires.length, 4);
  wires[3].open();
  wires[3].hear({ type: "recorded", id: event.id });
  tick(60_000);
  assert.equal(wires.length, 4);
});
