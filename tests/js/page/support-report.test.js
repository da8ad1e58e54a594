import assert from "node:assert/strict";
import test from "node:test";

import { buildReport, mask } from "../../../static/phone/page/support-report.js";

const SID = "CA0123456789abcdef0123456789abcdef";

/** The cases of `tests/unit/test_support_report.py`. */
const MASKED = [
  [`outgoing ${SID}`, "outgoing CA…cdef"],
  [`secret=${"0123456789abcdef".repeat(2)}.`, "secret=…."],
  ["token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJqdGkiOiJTSzAwMDAifQ.c2ln", "token …"],
  ["client:dnb_0123456789abcdef0123456789abcdef", "client:…"],
  ["to +442071838750 now", "to (number) now"],
  ["to +1 (202) 555-0123", "to (number)"],
  ["to 020 7183 8750", "to (number)"],
  ["of bob@example.com", "of …@…"],
  ["ConnectionError (53000): code 31202", "ConnectionError (53000): code 31202"],
  ["AccessTokenSignatureValidationFailed (31202)", "AccessTokenSignatureValidationFailed (31202)"],
  ["register-timeout", "register-timeout"],
];

const at = new Date("2026-11-23T10:42:00.123Z");
const facts = {
  now: at,
  zone: "Europe/London",
  pageSession: "0f0e3c0a-6f3e-4e0e-9d5e-2f2d6d1c7a11",
  product: { version: "0.1", account: "ab12", api_key: "cd34", region: "us1" },
  sdk: "2.18.5",
  browser: "A browser",
  isOnline: true,
  edge: "ashburn",
  roundTrip: { server: 12.4, call: null },
  state: "error",
  found: null,
  deeds: [],
};

test("what must not be passed on is masked, and the rest is kept", () => {
  for (const [said, passedOn] of MASKED) assert.equal(mask(said), passedOn);
});

test("a report says what support asks first", () => {
  const report = buildReport({ ...facts, deeds: [{ at, state: "ready", sdk_event: "registered" }] });
  for (const part of [
    "2026-11-23T10:42:00.123Z",
    "Europe/London",
    facts.pageSession,
    "SDK 2.18.5",
    "A browser",
    "…ab12, API key …cd34, region us1, edge ashburn",
    "to Dog n Bone 12 ms, in the last call to Twilio not known",
    "Phone: error",
    "Verdict: none",
    "2026-11-23T10:42:00.123Z ready · registered\n",
  ]) {
    assert.ok(report.includes(part), part);
  }
});

test("a verdict is told with what Twilio said, an event with its codes, both masked", () => {
  const verdict = {
    code: "wrong_api_secret",
    title: "The API key secret is wrong",
    twilio: { status: 401, code: 20003, message: `Authenticate ${SID}`, request_id: `RQ${SID.slice(2)}` },
  };
  const message = `incoming ${SID} from +442071838750`;
  const report = buildReport({
    ...facts,
    found: { verdict, at, isOver: true },
    deeds: [{ at, state: "error", sdk_event: "error", code: 20101, original_code: 31202, message }],
  });
  assert.match(report, /Verdict: wrong_api_secret, “The API key secret is wrong”, since .*, over by now/);
  assert.match(report, /Twilio said: HTTP 401, code 20003, Authenticate CA…cdef, request RQ…cdef/);
  assert.match(report, /error · error · code 20101\/31202 · incoming CA…cdef from \(number\)/);
  assert.ok(!report.includes(SID) && !report.includes("2071838"));
});

test("the last test of the connection is in it, line by line", () => {
  assert.match(buildReport(facts), /\nConnection test: none\n/);
  const lines = [
    { check: "delay", finding: "ok", value: 45, name: "Delay", result: "good", words: "Sound takes 45 ms to Twilio and back." },
    { check: "loss", finding: "high", value: 12, name: "Lost sound", result: "bad", words: "12 % of the sound is lost on its way." },
  ];
  const report = buildReport({ ...facts, test: { at, isInCall: true, lines } });
  assert.ok(report.includes("Connection test: 1 of 2 bad, at 2026-11-23T10:42:00.123Z, in a call\n"));
  assert.ok(report.includes("  Lost sound: bad. 12 % of the sound is lost on its way.\n"));
});
