import assert from "node:assert/strict";
import test from "node:test";

import { readCallStates } from "../../../static/phone/relay/call-states.js";

test("what is missing or of another kind becomes nothing, and an odd call leaves the others", () => {
  const frame = { type: "calls", calls: [null, 7, {}, { call_sid: "CA1", can: "hold", parties: [null], cannot: { hold: 3 } }] };
  const [state, ...others] = readCallStates(frame);
  assert.deepEqual(others, []);
  assert.deepEqual([state.callSid, state.legSid, state.answeredAt, state.can], ["CA1", "", null, []]);
  assert.deepEqual(state.cannot, { hold: "" });
  assert.deepEqual([state.parties[0].state, state.parties[0].isMe], ["gone", false]);
});

test("whether a call has been moved is read from the server, not guessed", () => {
  const read = (is_moved) => readCallStates({ calls: [{ call_sid: "CA1", state: "open", is_moved }] })[0].isMoved;
  assert.deepEqual([true, false, undefined, "yes"].map(read), [true, false, false, false]);
});

test("a frame without calls has none", () => {
  for (const frame of [null, {}, { calls: "CA1" }]) assert.deepEqual(readCallStates(frame), []);
});
