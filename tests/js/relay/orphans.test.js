import assert from "node:assert/strict";
import test from "node:test";

import { deliverOrphans } from "../../../static/phone/relay/orphans.js";
import { MemoryStorage } from "../stand-ins.js";

/** Locks as a browser keeps them: `held` are those of pages that still live. */
function makeLocks(held) {
  const granted = new Set(held);
  return {
    granted,
    request: async (name, options, use = options) => {
      if (granted.has(name)) return use(null);
      granted.add(name);
      return use({ name });
    },
  };
}

async function findOrphans({ keys, held = [], locks = makeLocks(held) }) {
  const storage = new MemoryStorage();
  for (const key of keys) storage.setItem(key, "[]");
  const delivered = [];
  const deliver = async (session) => void delivered.push(session);
  await deliverOrphans({ storage, prefix: "dognbone.events.alice.", ownSession: "own", deliver, locks });
  return { delivered, locks };
}

test("the queues of pages that are gone are delivered, those of living pages are not", async () => {
  const { delivered } = await findOrphans({
    keys: ["dognbone.events.alice.gone", "dognbone.events.alice.alive", "dognbone.events.alice.own"],
    held: ["dognbone.events.alice.alive"],
  });
  assert.deepEqual(delivered, ["gone"]);
});

test("nobody else's reports are touched", async () => {
  const { delivered } = await findOrphans({ keys: ["dognbone.events.bob.gone", "theme"] });
  assert.deepEqual(delivered, []);
});

test("a page holds the lock of its own queue", async () => {
  const { locks } = await findOrphans({ keys: [] });
  assert.ok(locks.granted.has("dognbone.events.alice.own"));
});

test("without locks every other queue counts as orphaned", async () => {
  const { delivered } = await findOrphans({ keys: ["dognbone.events.alice.gone"], locks: undefined });
  assert.deepEqual(delivered, ["gone"]);
});
