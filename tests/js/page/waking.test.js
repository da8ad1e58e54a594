import assert from "node:assert/strict";
import test from "node:test";

import { Waking, readKey } from "../../../static/phone/page/waking.js";
import { MemoryStorage } from "../stand-ins.js";

/** A browser with a push service, and a server that keeps what it is told. */
class StandIn {
  storage = new MemoryStorage();
  permission = "granted";
  subscription = null;
  kept = [];
  forgotten = [];
  fault = "";
  manager = {
    getSubscription: async () => this.subscription,
    subscribe: async (options) => {
      if (this.refusal) throw this.refusal;
      this.options = options;
      this.subscription = {
        options: { applicationServerKey: options.applicationServerKey.buffer },
        endpoint: "https://push.example.net/1",
        toJSON: () => ({ endpoint: "https://push.example.net/1" }),
        unsubscribe: async () => (this.subscription = null),
      };
      return this.subscription;
    },
  };
  registration = { pushManager: this.manager };

  waking = (identity = "dnb_bob", key = "BAEC") =>
    new Waking({
      key,
      identity,
      storage: this.storage,
      ready: async () => this.registration,
      askPermission: async () => this.permission,
      isAllowed: () => this.permission === "granted",
      keep: async (subscription) => this.fault || (this.kept.push(subscription.endpoint), ""),
      forget: async (endpoint) => this.fault || (this.forgotten.push(endpoint), ""),
    });
}

test("on once it is chosen, allowed and kept; off again", async () => {
  const browser = new StandIn();
  const waking = browser.waking();
  assert.equal(await waking.isOn(), false);
  assert.equal(await waking.turnOn(), "");
  assert.equal(await waking.isOn(), true);
  assert.equal(browser.options.userVisibleOnly, true);
  assert.deepEqual([...browser.options.applicationServerKey], [4, 1, 2]);
  assert.equal(await waking.turnOff(), "");
  assert.deepEqual([await waking.isOn(), browser.subscription, browser.forgotten.length], [false, null, 1]);
});

test("says what stands in its way, and stays off", async () => {
  const browser = new StandIn();
  browser.permission = "denied";
  assert.match(await browser.waking().turnOn(), /does not let this page show notices/);
  browser.permission = "granted";
  browser.refusal = new DOMException("no", "AbortError");
  assert.match(await browser.waking().turnOn(), /push service cannot be reached/);
  browser.refusal = null;
  browser.fault = "The server does not answer.";
  assert.equal(await browser.waking().turnOn(), browser.fault);
  browser.registration = null;
  assert.match(await browser.waking().turnOn(), /does not let a page be woken/);
  assert.equal(browser.waking().isChosen, false);
});

test("the server that does not answer keeps it on", async () => {
  const browser = new StandIn();
  await browser.waking().turnOn();
  browser.fault = "The server does not answer.";
  assert.equal(await browser.waking().turnOff(), browser.fault);
  assert.equal(await browser.waking().isOn(), true);
});

test("with each page the server hears again; one that the browser has lost is made anew", async () => {
  const browser = new StandIn();
  await browser.waking().turnOn();
  await browser.waking().renew();
  assert.equal(browser.kept.length, 2);
  browser.subscription = null;
  await browser.waking().renew();
  assert.equal(browser.kept.length, 3);
  // The server has another key now: what was made with the old one wakes nobody.
  await browser.waking("dnb_bob", "BAED").renew();
  assert.deepEqual([...browser.options.applicationServerKey], [4, 1, 3]);
  assert.equal(browser.kept.length, 4);
});

test("nobody is asked anew whether notices are allowed", async () => {
  const browser = new StandIn();
  await browser.waking().turnOn();
  browser.subscription = null;
  browser.permission = "default";
  await browser.waking().renew();
  assert.deepEqual([browser.subscription, browser.kept.length], [null, 1]);
});

test("what somebody else has chosen in this browser is taken back, not taken over", async () => {
  const browser = new StandIn();
  await browser.waking("dnb_bob").turnOn();
  const alices = browser.waking("dnb_alice");
  assert.equal(await alices.isOn(), false);
  await alices.renew();
  assert.deepEqual([browser.subscription, browser.kept.length, browser.forgotten.length], [null, 1, 1]);
});

test("a server without a key is not asked", async () => {
  const browser = new StandIn();
  const waking = browser.waking("dnb_bob", "");
  await waking.renew();
  assert.deepEqual([await waking.isOn(), browser.kept], [false, []]);
});

test("a key in base64url", () => {
  assert.deepEqual([...readKey("-_8")], [251, 255]);
});
