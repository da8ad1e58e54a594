import assert from "node:assert/strict";
import test from "node:test";

import { encodeWav } from "../../../static/phone/device/wav.js";

const textOf = (/** @type {DataView} */ view, /** @type {number} */ at) =>
  String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));

test("samples become a WAV file of the telephone's kind", () => {
  const view = new DataView(encodeWav(new Float32Array([0, 1, -1, 0.5, 7, -7])));
  assert.deepEqual([0, 8, 12, 36].map((at) => textOf(view, at)), ["RIFF", "WAVE", "fmt ", "data"]);
  assert.equal(view.getUint32(4, true), view.byteLength - 8);
  assert.deepEqual([view.getUint16(20, true), view.getUint16(22, true)], [1, 1]);
  assert.deepEqual([view.getUint32(24, true), view.getUint32(28, true)], [8000, 16000]);
  assert.deepEqual([view.getUint16(32, true), view.getUint16(34, true)], [2, 16]);
  assert.equal(view.getUint32(40, true), 12);
  const samples = [0, 1, 2, 3, 4, 5].map((index) => view.getInt16(44 + index * 2, true));
  assert.deepEqual(samples, [0, 32767, -32768, 16384, 32767, -32768]);
});

test("a file without samples is still one", () => {
  assert.equal(encodeWav(new Float32Array()).byteLength, 44);
});
