import assert from "node:assert/strict";
import { test } from "node:test";

import { readLines } from "../../../static/doctor/lines.js";

/** @param {string[]} pieces */
async function readAll(pieces) {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
  const lines = [];
  for await (const line of readLines(body)) lines.push(line);
  return lines;
}

test("each line is one value, however the bytes were cut", async () => {
  assert.deepEqual(await readAll(['{"a":1}\n{"a":2}\n']), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await readAll(['{"a"', ":1}\n", '{"a":2', "}\n"]), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await readAll(['{"a":"…"}\n'.slice(0, 6), '…"}\n']), [{ a: "…" }]);
});

test("a last line without an end counts, and an empty one does not", async () => {
  assert.deepEqual(await readAll(['{"a":1}\n\n', '{"a":2}']), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await readAll([]), []);
});

test("a line that broke off is an error, not a finding", async () => {
  await assert.rejects(readAll(['{"a":1}\n{"a"']), SyntaxError);
});
