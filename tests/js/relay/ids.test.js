import assert from "node:assert/strict";
import test from "node:test";

import { makeTimedUuid, makeUuid } from "../../../static/phone/relay/ids.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are UUIDs of version 4, also where the browser makes none itself", (t) => {
  assert.match(makeUuid(), UUID);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  t.after(() => Reflect.deleteProperty(crypto, "randomUUID"));
  const ids = Array.from({ length: 1000 }, makeUuid);
  for (const id of ids) assert.match(id, UUID);
  assert.equal(new Set(ids).size, ids.length);
});

test("an event's id is of version 7 and begins with its moment, so that the server knows its month", () => {
  const at = Date.UTC(2026, 10, 30, 14, 30, 0, 123);
  const ids = Array.from({ length: 1000 }, () => makeTimedUuid(at));
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(Number.parseInt(id.replace("-", "").slice(0, 12), 16), at);
  }
  assert.equal(new Set(ids).size, ids.length);
  const [before, after] = [makeTimedUuid(at), makeTimedUuid(at + 1)];
  assert.ok(before < after);
});
