import assert from "node:assert/strict";
import test from "node:test";

import { mayCall } from "../../../static/phone/relay/token-reading.js";

const sign = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;

test("a token without a TwiML App lets its bearer be called, and not call", () => {
  const incoming = { incoming: { allow: true } };
  assert.equal(mayCall(sign({ grants: { identity: "é?>", voice: { ...incoming, outgoing: { application_sid: "AP1" } } } })), true);
  assert.equal(mayCall(sign({ grants: { identity: "é?>", voice: incoming } })), false);
  assert.equal(mayCall(sign({ scope: "scope:client:incoming?clientName=a" })), false);
  assert.equal(mayCall(sign({ scope: "scope:client:incoming?clientName=a scope:client:outgoing?appSid=AP1" })), true);
});

test("what cannot be read is left to Twilio", () => {
  for (const token of ["", "renewed", "a.%.c", "a.e30", `a.${btoa("[]")}.c`, `a.${btoa("null")}.c`]) {
    assert.equal(mayCall(token), true);
  }
});
