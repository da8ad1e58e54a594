import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate } from "node:timers/promises";

import { Registration } from "../../../static/phone/device/registration.js";
import { ServerUnreachable, TokenRefused } from "../../../static/phone/relay/backend.js";

const MINUTE = 60_000;
const wrongToken = { code: "wrong_auth_token", title: "The Auth Token is wrong", blames_credentials: true };
const verdicts = {
  browser_network: { code: "browser_network" },
  offline: { code: "offline" },
  unclear: { code: "unclear" },
  microphone_insecure: { code: "microphone_denied" },
};

function makeToken(n, lifetime = 60 * MINUTE) {
  const serverNow = Date.parse("2026-11-23T10:00:00Z");
  return { token: `token ${n}`, device: {}, serverNow, expires_at: new Date(serverNow + lifetime).toISOString() };
}

/** A registration whose clock is turned by hand, with a device that does nothing by itself. */
async function makeRegistration(t, answers = []) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(Math, "random", () => 0.5);
  const did = [];
  const state = { reports: [], isInCall: false, isOnline: true, isBlocked: false, asked: 0, renewed: 0, signedOut: 0 };
  const device = {
    isRegistered: false,
    start: (token) => did.push(`start ${token}`),
    stop: () => did.push("stop"),
    renew: (token) => did.push(`renew ${token}`),
  };
  const answer = async () => {
    state.asked += 1;
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next ?? makeToken(state.asked);
  };
  const registration = new Registration({
    fetchToken: answer,
    renewToken: () => ((state.renewed += 1), answer()),
    device,
    report: (report) => state.reports.push(`${report.state} ${report.sdk_event} ${report.message}`),
    changed: () => {},
    signedOut: () => (state.signedOut += 1),
    isInCall: () => state.isInCall,
    isOnline: () => state.isOnline,
    isBlockedByPolicy: () => state.isBlocked,
    verdicts,
  });
  const hear = (sdkEvent, code = null, originalCode = null) => {
    device.isRegistered = sdkEvent === "registered";
    registration.heardDevice({ sdkEvent, code, originalCode });
  };
  const pass = async (ms) => {
    t.mock.timers.tick(ms);
    await setImmediate();
  };
  registration.restart();
  await pass(0);
  return { registration, device, did, state, hear, pass, now: () => [registration.situation.state, registration.situation.verdict?.code] };
}

test("a token makes a device, and the device makes it ready", async (t) => {
  const { did, hear, now } = await makeRegistration(t);
  assert.deepEqual(now(), ["connecting", undefined]);
  hear("registering");
  hear("registered");
  assert.deepEqual(now(), ["ready", undefined]);
  assert.deepEqual(did, ["start token 1"]);
});

test("a refused token is an error, stays one while it is tried again, and ends with ready", async (t) => {
  const { did, hear, pass, now } = await makeRegistration(t);
  hear("error", 31202);
  hear("unregistered");
  assert.equal(now()[0], "error");
  await pass(1_000);
  hear("registering");
  assert.deepEqual(did, ["start token 1", "start token 2"]);
  assert.equal(now()[0], "error");
  hear("registered");
  assert.equal(now()[0], "ready");
});

test("pauses between tries grow", async (t) => {
  const { did, hear, pass } = await makeRegistration(t);
  for (const pause of [1_000, 2_000, 4_000, 8_000]) {
    hear("error", 20101, 31204);
    hear("unregistered");
    await pass(pause - 1);
    const before = did.length;
    await pass(1);
    assert.equal(did.length, before + 1);
  }
});

test("a register that never settles is noticed after twelve seconds, and the device made anew", async (t) => {
  const { did, state, hear, pass, now } = await makeRegistration(t);
  hear("registering");
  await pass(11_999);
  assert.deepEqual(state.reports, []);
  await pass(1);
  assert.deepEqual(state.reports, ["offline watchdog register-timeout"]);
  assert.deepEqual(now(), ["offline", undefined]);
  await pass(1_000);
  assert.equal(did.at(-1), "start token 2");
});

test("a socket that fails to open is the browser's network, and nobody waits twelve seconds for it", async (t) => {
  const { state, hear, pass, now } = await makeRegistration(t);
  hear("registering");
  hear("error", 31000);
  await pass(2_000);
  hear("error", 31005);
  await pass(2_000);
  assert.deepEqual(state.reports, ["offline watchdog socket-blocked"]);
  assert.deepEqual(now(), ["offline", "browser_network"]);
});

test("sockets that are closed without a word again and again are noticed as soon", async (t) => {
  const { state, hear, pass, now } = await makeRegistration(t);
  for (let ms = 0; ms < 4_800; ms += 110) {
    hear("registering");
    hear("unregistered");
    await pass(110);
  }
  assert.deepEqual(state.reports, ["offline watchdog socket-closed"]);
  assert.deepEqual(now(), ["offline", "browser_network"]);
});

for (const [flag, value, message, verdict] of [
  ["isOnline", false, "network-offline", "offline"],
  ["isBlocked", true, "csp-blocked", "browser_network"],
]) {
  test(`the watchdog says ${message} where the browser knows it`, async (t) => {
    const { state, hear, pass, now } = await makeRegistration(t);
    state[flag] = value;
    hear("error", 31000);
    await pass(4_000);
    assert.deepEqual(state.reports, [`offline watchdog ${message}`]);
    assert.deepEqual(now(), ["offline", verdict]);
  });
}

test("credentials judged bad are an error with the server's verdict, and are not tried again", async (t) => {
  const { state, pass, now } = await makeRegistration(t, [new TokenRefused(422, wrongToken, 0)]);
  assert.deepEqual(now(), ["error", "wrong_auth_token"]);
  await pass(10 * MINUTE);
  assert.equal(state.asked, 1);
});

test("what was not judged is tried again, no sooner than the server wishes", async (t) => {
  const busy = { code: "rate_limited", blames_credentials: false };
  const { state, pass, now } = await makeRegistration(t, [new TokenRefused(503, busy, 30_000)]);
  assert.deepEqual(now(), ["offline", "rate_limited"]);
  await pass(29_999);
  assert.equal(state.asked, 1);
  await pass(1);
  assert.equal(state.asked, 2);
});

test("a server that cannot be reached says nothing about Twilio", async (t) => {
  const { state, pass, now } = await makeRegistration(t, [new ServerUnreachable("no")]);
  assert.equal(now()[0], "offline");
  assert.equal(now()[1] ?? null, null);
  assert.deepEqual(state.reports, ["offline watchdog server-unreachable"]);
  await pass(1_000);
  assert.equal(state.asked, 2);
});

test("who is signed out is sent to sign in", async (t) => {
  const { state } = await makeRegistration(t, [new TokenRefused(401, null, 0)]);
  assert.equal(state.signedOut, 1);
});

test("a token is renewed by our own clock, between calls", async (t) => {
  const { did, state, hear, pass } = await makeRegistration(t);
  hear("registered");
  state.isInCall = true;
  await pass(45 * MINUTE);
  assert.deepEqual(did, ["start token 1"]);
  state.isInCall = false;
  await pass(5_000);
  assert.deepEqual(did, ["start token 1", "renew token 2"]);
  await pass(45 * MINUTE);
  assert.equal(did.at(-1), "renew token 3");
  assert.deepEqual([state.asked, state.renewed], [3, 2]);
});

test("a token that is about to end is renewed even in a call", async (t) => {
  const { registration, did, state, hear } = await makeRegistration(t);
  hear("registered");
  state.isInCall = true;
  await registration.renewal.now();
  assert.equal(did.at(-1), "renew token 2");
});

test("a renewal that fails is tried again and leaves the phone ready", async (t) => {
  const { did, hear, pass, now } = await makeRegistration(t, [makeToken(1), new ServerUnreachable("no")]);
  hear("registered");
  await pass(45 * MINUTE);
  assert.equal(now()[0], "ready");
  await pass(30_000);
  assert.equal(did.at(-1), "renew token 3");
});

test("nothing is torn down in a call: it is made up for afterwards", async (t) => {
  const { registration, did, state, hear, pass } = await makeRegistration(t);
  hear("registered");
  state.isInCall = true;
  registration.restart();
  hear("unregistered");
  await pass(13_000);
  assert.deepEqual(did, ["start token 1"]);
  state.isInCall = false;
  registration.callEnded();
  await pass(0);
  assert.deepEqual(did, ["start token 1", "start token 2"]);
});

test("a verdict that comes too late is not shown, one against the credentials is", async (t) => {
  const { registration, hear, now } = await makeRegistration(t);
  hear("registered");
  for (const code of ["ok", "transient", "browser_network"]) registration.heardVerdict({ code, blames_credentials: false });
  assert.deepEqual(now(), ["ready", undefined]);
  registration.heardVerdict(wrongToken);
  assert.deepEqual(now(), ["ready", "wrong_auth_token"]);
});

test("the verdict of both witnesses stays while the phone tries again, and ready clears it", async (t) => {
  const { registration, hear, pass, now } = await makeRegistration(t);
  hear("error", 31202);
  hear("unregistered");
  registration.heardVerdict(wrongToken);
  await pass(1_000);
  hear("registering");
  assert.deepEqual(now(), ["error", "wrong_auth_token"]);
  hear("registered");
  assert.deepEqual(now(), ["ready", undefined]);
});

test("what is to be read outlives ready, until it is read or something newer is said", async (t) => {
  const { registration, hear, now } = await makeRegistration(t);
  registration.heardVerdict({ code: "device_silent" });
  hear("registering");
  hear("registered");
  assert.deepEqual(now(), ["ready", "device_silent"]);
  registration.dismiss();
  assert.deepEqual(now(), ["ready", undefined]);
  registration.heardVerdict({ code: "device_silent" });
  assert.deepEqual(now(), ["ready", "device_silent"]);
  registration.heardVerdict({ code: "account_suspended" });
  assert.deepEqual(now(), ["ready", "account_suspended"]);
});

test("a network that blinked during a call, and took no registration with it, leaves the phone ready", async (t) => {
  const { registration, did, state, hear, now } = await makeRegistration(t);
  hear("registered");
  state.isInCall = true;
  registration.wentOffline();
  assert.deepEqual(now(), ["offline", "offline"]);
  registration.restart();
  assert.deepEqual(now(), ["ready", undefined]);
  assert.equal(state.reports.at(-1), "ready watchdog still-registered");
  state.isInCall = false;
  registration.callEnded();
  await setImmediate();
  assert.deepEqual(did, ["start token 1", "start token 2"]);
});

test("a registration that was lost with the network during a call is not called ready", async (t) => {
  const { registration, state, hear, now } = await makeRegistration(t);
  hear("registered");
  state.isInCall = true;
  registration.wentOffline();
  hear("unregistered");
  registration.restart();
  assert.equal(now()[0], "offline");
  hear("registered");
  assert.deepEqual(now(), ["ready", undefined]);
});

test("a page without encryption is ready, and named as the reason that it has no microphone", async (t) => {
  const { device, state, hear, now } = await makeRegistration(t);
  Object.assign(device, { isSecure: false, canCarrySound: false });
  hear("registered");
  assert.deepEqual(now(), ["ready", "microphone_denied"]);
  assert.deepEqual(state.reports, []);
});

test("an error that takes no registration with it leaves the phone ready, and the server is told", async (t) => {
  const { registration, state, hear, now } = await makeRegistration(t);
  hear("registered");
  registration.heardDevice({ sdkEvent: "error", code: 31480, originalCode: null });
  assert.equal(now()[0], "ready");
  assert.deepEqual(state.reports, ["ready watchdog still-registered"]);
});
