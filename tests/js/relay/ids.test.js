import assert from "node:assert/strict";
import test from "node:test";

import { makeUuid } from "../../../static/phone/relay/ids.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are UUIDs of version 4, also where the browser makes none itself", (t) => {
  assert.match(makeUuid(), UUID);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  t.after(() => Reflect.deleteProperty(crypto, "randomUUID"));
  const ids = Array.from({ length: 1000 }, makeUuid);
  for (const id of ids) assert.match(id, UUID);
  assert.equal(new Set(ids).size, ids.length);
});
