import assert from "node:assert/strict";
import test from "node:test";

import { activeCall, changeCall, makeCall, nextStatus, transitions } from "../../../static/phone/calls/call-state.js";

const bob = { id: "1", direction: "outgoing", name: "Bob", address: "Bob" };

test("every transition ends in a status of the table", () => {
  for (const events of Object.values(transitions)) {
    for (const status of Object.values(events)) assert.ok(status in transitions, status);
  }
});

test("an event that the status does not expect changes nothing", () => {
  const events = ["ringing", "accept", "cancel", "reject", "disconnect", "reconnecting", "reconnected", "nonsense"];
  for (const [status, expected] of Object.entries(transitions)) {
    for (const event of events) {
      if (!(event in expected)) assert.equal(nextStatus(status, event), status);
    }
  }
});

test("a call that is over stays over", () => {
  assert.deepEqual(transitions.closed, {});
});

test("an outgoing call rings, opens, breaks, comes back and ends, and keeps the time it opened", () => {
  let call = makeCall(bob);
  const seen = [call.status];
  for (const [at, event] of ["ringing", "accept", "reconnecting", "reconnected", "disconnect"].entries()) {
    call = changeCall(call, { event, at });
    seen.push(call.status);
  }
  assert.deepEqual(seen, ["connecting", "ringing", "open", "reconnecting", "open", "closed"]);
  assert.equal(call.openedAt, 1);
});

test("a call that waits to be answered is not the active one", () => {
  const waiting = makeCall({ ...bob, id: "2", direction: "incoming" });
  const open = changeCall(makeCall(bob), { event: "accept", at: 5 });
  assert.equal(activeCall([waiting, open]), open);
  assert.equal(activeCall([waiting]), null);
});

test("warnings come once and go by name", () => {
  let call = makeCall(bob);
  for (const warning of ["high-rtt", "low-mos", "high-rtt"]) call = changeCall(call, { event: "warning", at: 0, warning });
  assert.deepEqual(call.warnings, ["low-mos", "high-rtt"]);
  call = changeCall(call, { event: "warning-cleared", at: 0, warning: "low-mos" });
  assert.deepEqual(call.warnings, ["high-rtt"]);
});

test("muting says nothing about the status", () => {
  const call = changeCall(changeCall(makeCall(bob), { event: "accept", at: 1 }), { event: "mute", at: 2, isMuted: true });
  assert.equal(call.isMuted, true);
  assert.equal(call.status, "open");
});
