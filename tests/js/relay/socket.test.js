import assert from "node:assert/strict";
import test from "node:test";

import { PageSocket, SIGNED_OUT } from "../../../static/phone/relay/socket.js";
import { StandInSocket } from "../stand-ins.js";

function makeSocket(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  StandInSocket.made = [];
  const heard = [];
  const socket = new PageSocket({
    url: "ws://here/ws/device/?page_session=1",
    getState: () => "ready",
    WebSocketClass: StandInSocket,
    handlers: {
      opened: () => heard.push("opened"),
      closed: () => heard.push("closed"),
      signedOut: () => heard.push("signed out"),
      frame: (frame) => heard.push(frame.type),
    },
  });
  socket.connect();
  return { socket, heard, wires: StandInSocket.made, tick: (ms) => t.mock.timers.tick(ms) };
}

test("it says at once and every 15 seconds that the page is alive", (t) => {
  const { wires, tick } = makeSocket(t);
  wires[0].open();
  tick(45_000);
  assert.deepEqual(wires[0].sent, Array(4).fill({ type: "alive", state: "ready" }));
});

test("a lost socket is dialled again, with growing pauses, and stops its heartbeat", (t) => {
  const { wires, heard, tick } = makeSocket(t);
  wires[0].open();
  wires[0].lose();
  tick(700);
  assert.equal(wires.length, 2);
  wires[1].lose();
  tick(700);
  assert.equal(wires.length, 2);
  tick(700);
  assert.equal(wires.length, 3);
  assert.equal(wires[0].sent.length, 1);
  assert.deepEqual(heard, ["opened", "closed", "closed"]);
});

test("who is signed out is told so, and nothing is dialled again", (t) => {
  const { wires, heard, tick } = makeSocket(t);
  wires[0].open();
  wires[0].lose(SIGNED_OUT);
  tick(60_000);
  assert.equal(wires.length, 1);
  assert.deepEqual(heard, ["opened", "signed out"]);
});

test("redialling replaces a socket that only looks alive, and no longer listens to it", (t) => {
  const { socket, wires, heard } = makeSocket(t);
  wires[0].open();
  socket.redial();
  wires[0].lose();
  wires[0].hear({ type: "verdict" });
  assert.equal(wires.length, 2);
  assert.deepEqual(heard, ["opened"]);
});

test("a frame that cannot be read is passed over", (t) => {
  const { wires, heard } = makeSocket(t);
  wires[0].open();
  for (const frame of ["{", "null", "7", "{}", { type: "verdict" }]) wires[0].hear(frame);
  assert.deepEqual(heard, ["opened", "verdict"]);
});

test("nothing is sent to a socket that is not open", (t) => {
  const { socket, wires } = makeSocket(t);
  assert.equal(socket.send({ type: "event" }), false);
  wires[0].open();
  assert.equal(socket.send({ type: "event" }), true);
  socket.disconnect();
  assert.equal(socket.send({ type: "event" }), false);
});
