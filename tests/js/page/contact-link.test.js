import assert from "node:assert/strict";
import test from "node:test";

import { strangerOf } from "../../../static/phone/page/contact-link.js";

test("a number without a name can be added, without what is dialled after the answer", () => {
  assert.equal(strangerOf({ name: "+442079460000", address: "+442079460000" }), "+442079460000");
  assert.equal(strangerOf({ name: "+44 20 7946 0000", address: "+442079460000,,12" }), "+442079460000");
  assert.equal(strangerOf({ name: "", address: "+442079460000" }), "+442079460000");
});

test("nobody else can: who has a name, colleagues, callers without a number", () => {
  assert.equal(strangerOf({ name: "Mum", address: "+442079460000" }), "");
  assert.equal(strangerOf({ name: "bob", address: "client:bob" }), "");
  assert.equal(strangerOf({ name: "Withheld number", address: "withheld" }), "");
  assert.equal(strangerOf({ name: "13223", address: "13223" }), "");
});
