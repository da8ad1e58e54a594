import assert from "node:assert/strict";
import test from "node:test";

import { fetchEnding } from "../../../static/phone/relay/backend.js";

/** A server that gives these answers in turn, and how often it was asked. */
function serve(t, answers) {
  const asked = t.mock.method(globalThis, "fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return Response.json(answer);
  });
  return () => asked.mock.callCount();
}

test("who has taken a call is asked again until the server knows", async (t) => {
  const count = serve(t, [{ words: "", is_settled: false }, { words: "Answered by Bob.", is_settled: true }]);
  assert.equal(await fetchEnding("/ending/", [0, 0]), "Answered by Bob.");
  assert.equal(count(), 2);
});

test("a call that ended as the page saw it is asked for once", async (t) => {
  const count = serve(t, [{ words: "", is_settled: true }]);
  assert.equal(await fetchEnding("/ending/", [0, 0]), "");
  assert.equal(count(), 1);
});

test("a server that never learns the end is not asked for ever, one that fails not again", async (t) => {
  const waits = { words: "", is_settled: false };
  const count = serve(t, [waits, waits, waits, waits]);
  assert.equal(await fetchEnding("/ending/", [0, 0]), "");
  assert.equal(count(), 3);

  t.mock.restoreAll();
  const failing = serve(t, [new TypeError("offline"), waits]);
  assert.equal(await fetchEnding("/ending/", [0]), "");
  assert.equal(failing(), 1);
});
