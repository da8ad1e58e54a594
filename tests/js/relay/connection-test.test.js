import assert from "node:assert/strict";
import test from "node:test";

import { Echo, UntoldTests, askServer, tellTest } from "../../../static/phone/relay/connection-test.js";

const unending = () => new AbortController().signal;

function answerWith(t, answer) {
  t.mock.method(globalThis, "fetch", async (url, options) => {
    answer.asked = { url, options };
    if (answer.error) throw answer.error;
    return { status: answer.status, json: async () => JSON.parse(answer.body) };
  });
}

test("our server is known by what it says, not by its status", async (t) => {
  for (const [status, body, isOurs] of [
    [200, '{"is_here": true}', true],
    [200, "<html>Please log in to this network</html>", false],
    [200, "{}", false],
    [401, '{"words": "signed out"}', true],
    [401, "proxy login", false],
  ]) {
    answerWith(t, { status, body });
    const answer = await askServer("/here/", unending());
    assert.deepEqual([answer.status, answer.isOurs], [status, isOurs]);
    assert.ok(answer.milliseconds >= 0);
    t.mock.restoreAll();
  }
});

test("a server that does not answer is away", async (t) => {
  answerWith(t, { error: new TypeError("Failed to fetch") });
  assert.equal(await askServer("/here/", unending()), null);
});

test("an echo is known by its id, and one that never comes is waited for five seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const echo = new Echo({ send: (frame) => sent.push(frame) > 0 });
  const [first, second] = [echo.ask(unending()), echo.ask(unending())];
  echo.heard({ type: "echo", id: sent[0].id });
  echo.heard({ type: "echo", id: "another" });
  echo.heard({ type: "recorded", id: sent[1].id });
  assert.equal((await first).finding, "ok");
  t.mock.timers.tick(5_000);
  assert.equal((await second).finding, "silent");
});

test("a socket that is not open has no echo, and a test that ends waits for none", async () => {
  assert.equal((await new Echo({ send: () => false }).ask(unending())).finding, "closed");
  const ending = new AbortController();
  const asked = new Echo({ send: () => true }).ask(ending.signal);
  ending.abort("stopped");
  assert.equal((await asked).finding, "silent");
});

test("what will never be taken is not told again; what was not heard is", async (t) => {
  for (const [status, isDone] of [[200, true], [422, true], [403, true], [401, false], [429, false], [503, false]]) {
    const answer = { status, body: "{}" };
    answerWith(t, answer);
    assert.equal(await tellTest({ url: "/test/", test: { id: 1 }, csrfToken: "token" }), isDone);
    assert.deepEqual([answer.asked.options.headers["X-CSRFToken"], answer.asked.options.body], ["token", '{"id":1}']);
    t.mock.restoreAll();
  }
  answerWith(t, { error: new TypeError("Failed to fetch") });
  assert.equal(await tellTest({ url: "/test/", test: {}, csrfToken: "" }), false);
});

test("tests that the server has not heard of are told once it is back, in their order", async () => {
  const told = [];
  const server = { isThere: false };
  const untold = new UntoldTests(async (one) => server.isThere && told.push(one.id) > 0);
  for (let id = 1; id <= 7; id += 1) await untold.take({ id });
  server.isThere = true;
  await Promise.all([untold.flush(), untold.flush()]);
  assert.deepEqual(told, [3, 4, 5, 6, 7]);
});
