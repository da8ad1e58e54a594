import assert from "node:assert/strict";
import test from "node:test";

import { askDeed } from "../../../static/phone/relay/backend.js";

const asked = [];

/** Answers the next request. */
function answer(t, status, body) {
  t.mock.method(globalThis, "fetch", async (url, { body: sent, headers }) => {
    asked.push([url, String(sent), headers["X-CSRFToken"]]);
    if (status === 0) throw new TypeError("Failed to fetch");
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  });
  return askDeed({ url: "/phone/calls/CA1/hold/", fields: { to: "Bob" }, csrfToken: "token" });
}

test("a deed is asked with its fields and the token, and answered with the call", async (t) => {
  const { isDone, call } = await answer(t, 200, { call: { call_sid: "CA1", state: "held" } });
  assert.deepEqual([isDone, call.state], [true, "held"]);
  assert.deepEqual(asked.at(-1), ["/phone/calls/CA1/hold/", "to=Bob", "token"]);
});

test("a refusal comes with its cause, its words and what to do", async (t) => {
  const refused = await answer(t, 422, { cause: "invalid_number", words: "12 is no number.", remedy: "Check it." });
  assert.deepEqual(refused, { call: null, isDone: false, cause: "invalid_number", words: "12 is no number. Check it.", isAway: false });
});

test("a server that is away, ill or says nothing of its own is told of in words", async (t) => {
  for (const [status, body, words, isAway] of [
    [0, "", /did not answer/, true],
    [502, "<html>Bad Gateway</html>", /it answered 502/, true],
    [503, { cause: "twilio_unavailable", words: "Twilio is away." }, /^Twilio is away\.$/, false],
    [403, "<html>", /signed out/, false],
    [404, "", /does not know this call/, false],
    [429, "", /too often/, false],
  ]) {
    const said = await answer(t, status, body);
    assert.match(said.words, words);
    assert.deepEqual([said.isDone, said.isAway], [false, isAway]);
    t.mock.reset();
  }
});

test("only what is asked to outlives the page", async (t) => {
  const fetched = t.mock.method(globalThis, "fetch", async () => Response.json({}));
  for (const more of [{}, { outlivesPage: true }]) await askDeed({ url: "/", fields: {}, csrfToken: "", ...more });
  assert.deepEqual(fetched.mock.calls.map(({ arguments: [, { keepalive }] }) => keepalive), [false, true]);
});
