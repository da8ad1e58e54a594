import assert from "node:assert/strict";
import test from "node:test";

import { makeCall } from "../../../static/phone/calls/call-state.js";
import { LiveView } from "../../../static/phone/page/view.js";

const call = makeCall({ id: "1", direction: "outgoing", name: "Bob", address: "bob" });

function makeView(t) {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const drawn = [];
  const view = new LiveView({ isMuffled: false });
  view.show((now) => drawn.push(now));
  assert.equal(drawn.splice(0).length, 1);
  const show = (calls) => view.change({ board: { ...view.current.board, calls } });
  return { view, drawn, show, tick: (ms) => t.mock.timers.tick(ms) };
}

test("a change leaves the rest as it was", (t) => {
  const { view, drawn } = makeView(t);
  view.change({ isServerLost: true });
  view.change({ isMuffled: true });
  assert.equal(drawn.at(-1).isServerLost, true);
  assert.equal(drawn.at(-1).isMuffled, true);
  assert.equal(drawn.at(-1).situation.state, "connecting");
});

test("the seconds go on by themselves as long as there is a call, and no longer", (t) => {
  const { drawn, show, tick } = makeView(t);
  show([call]);
  show([{ ...call, status: "open" }]);
  tick(2_000);
  assert.equal(drawn.length, 2 + 4);
  assert.equal(drawn.at(-1).now, 2_000);
  show([]);
  tick(10_000);
  assert.equal(drawn.length, 2 + 4 + 1);
});
