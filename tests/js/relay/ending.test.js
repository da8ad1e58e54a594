import assert from "node:assert/strict";
import test from "node:test";

import { fetchEnding } from "../../../static/phone/relay/backend.js";

const WAITS = { cause: "", words: "", is_settled: false };

/** A server that gives these answers in turn, and how often it was asked. */
function serve(t, answers) {
  const asked = t.mock.method(globalThis, "fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : Response.json(answer);
  });
  return () => asked.mock.callCount();
}

/** The causes that are heard, in turn. */
async function hear(pauses) {
  const causes = [];
  await fetchEnding("/ending/", ({ cause }) => causes.push(cause), pauses);
  return causes;
}

test("why a call is over is asked again until the server has it settled", async (t) => {
  const busy = { cause: "busy", words: "The line is busy.", is_settled: false };
  const count = serve(t, [WAITS, busy, { ...busy, cause: "declined", is_settled: true }]);
  assert.deepEqual(await hear([0, 0, 0]), ["", "busy", "declined"]);
  assert.equal(count(), 3);
});

test("a server that never learns the end is not asked for ever", async (t) => {
  const count = serve(t, [WAITS, WAITS, WAITS, WAITS]);
  assert.deepEqual(await hear([0, 0]), ["", "", ""]);
  assert.equal(count(), 3);
});

test("a call that it does not know yet, and a network that is away, are asked again", async (t) => {
  const count = serve(t, [new Response("", { status: 404 }), new TypeError("offline"), { cause: "busy", is_settled: true }]);
  assert.deepEqual(await hear([0, 0, 0]), ["", "", "busy"]);
  assert.equal(count(), 3);
});

test("an answer of any kind is taken as far as it is one", async (t) => {
  serve(t, [{ cause: 7, words: null, is_settled: "yes" }, new Response("<html>"), null]);
  assert.deepEqual(await hear([0, 0]), ["", "", ""]);
});

test("a server that takes the question and never answers is asked again", async (t) => {
  t.mock.method(AbortSignal, "timeout", () => AbortSignal.abort());
  let count = 0;
  t.mock.method(globalThis, "fetch", async (url, { signal }) => {
    count += 1;
    if (count === 1) await new Promise((_, reject) => (signal.aborted ? reject(signal.reason) : undefined));
    return Response.json({ cause: "busy", is_settled: true });
  });
  assert.deepEqual(await hear([0]), ["", "busy"]);
  assert.equal(AbortSignal.timeout.mock.calls[0].arguments[0], 2_500);
});
