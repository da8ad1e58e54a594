import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { TokenRefused } from "../../../static/phone/relay/backend.js";
import { TokenSource } from "../../../static/phone/relay/token-source.js";

const HERE = Date.parse("2026-11-23T10:00:00Z");
const SERVER = HERE + 3_600_000;
const facts = { token_kind: "access", identity: "dnb_1", expires_at: "2026-11-23T12:00:00Z", device: { edge: [] } };

function makeSource(t, { isOpen = true, first = null } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: HERE });
  const sent = [];
  const state = { isOpen, fetched: 0 };
  const source = new TokenSource({
    fetchToken: async () => ({ ...facts, token: `fetched ${(state.fetched += 1)}`, serverNow: SERVER }),
    send: (frame) => state.isOpen && sent.push(frame) > 0,
    first,
  });
  return { source, sent, state, tick: (ms) => t.mock.timers.tick(ms) };
}

test("the token that came with the page is used once, by the server's clock", async (t) => {
  const first = { ...facts, token: "with the page", serverNow: SERVER };
  const { source, state } = makeSource(t, { first });
  assert.equal((await source.fetch()).token, "with the page");
  assert.equal(source.serverAhead, SERVER - HERE);
  assert.equal((await source.fetch()).token, "fetched 1");
  assert.equal(state.fetched, 1);
});

test("a page that was asleep before it began asks for another", async (t) => {
  const { source, tick } = makeSource(t, { first: { ...facts, token: "with the page", serverNow: SERVER } });
  tick(60_000);
  assert.equal((await source.fetch()).token, "fetched 1");
});

test("a token is renewed over the open socket, without a request, by the server's clock", async (t) => {
  const { source, sent, state, tick } = makeSource(t);
  await source.fetch();
  tick(60_000);
  const renewed = source.renew();
  source.heard({ type: "token", token: "renewed", ...facts });
  assert.deepEqual(await renewed, { token: "renewed", ...facts, serverNow: SERVER + 60_000 });
  assert.deepEqual(sent, [{ type: "renew" }]);
  assert.equal(state.fetched, 1);
});

test("it is asked for with a request where no socket is open", async (t) => {
  const { source, sent } = makeSource(t, { isOpen: false });
  assert.equal((await source.renew()).token, "fetched 1");
  assert.deepEqual(sent, []);
});

test("it is asked for with a request where the socket is lost before the answer", async (t) => {
  const { source } = makeSource(t);
  const renewed = source.renew();
  source.lost();
  assert.equal((await renewed).token, "fetched 1");
});

test("it is asked for with a request where no answer comes in eight seconds, and a late one is none", async (t) => {
  const { source, state, tick } = makeSource(t);
  const renewed = source.renew();
  tick(7_999);
  await setImmediate();
  assert.equal(state.fetched, 0);
  tick(1);
  assert.equal((await renewed).token, "fetched 1");
  source.heard({ type: "token", token: "late", ...facts });
  const again = source.renew();
  source.heard({ type: "token", token: "renewed", ...facts });
  assert.equal((await again).token, "renewed");
});

test("a verdict refuses it at once, and no request is made", async (t) => {
  const { source, state } = makeSource(t);
  const renewed = source.renew();
  source.heard({ type: "verdict", verdict: { code: "wrong_auth_token" } });
  await assert.rejects(renewed, TokenRefused);
  assert.equal(state.fetched, 0);
});

test("frames that are no answer do not end the wait", async (t) => {
  const { source } = makeSource(t);
  const renewed = source.renew();
  source.heard({ type: "verdict", verdict: { code: "device_silent" } });
  source.heard({ type: "credentials_changed" });
  source.heard({ type: "token" });
  source.heard({ type: "token", token: "renewed", ...facts });
  assert.equal((await renewed).token, "renewed");
});

test("who asks twice is answered by one frame", async (t) => {
  const { source, sent } = makeSource(t);
  const both = [source.renew(), source.renew()];
  source.heard({ type: "token", token: "renewed", ...facts });
  assert.deepEqual((await Promise.all(both)).map(({ token }) => token), ["renewed", "renewed"]);
  assert.equal(sent.length, 1);
});

test("frames that nobody waits for change nothing", async (t) => {
  const { source, state } = makeSource(t);
  source.heard({ type: "token", token: "unasked", ...facts });
  source.lost();
  assert.equal(state.fetched, 0);
});
