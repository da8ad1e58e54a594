import assert from "node:assert/strict";
import test from "node:test";

import { PageLife } from "../../../static/phone/page/life.js";

test("the page leaves during no call, and does once it is over", (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const went = [];
  const names = ["addEventListener", "location", "document"];
  const before = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const page = new EventTarget();
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    document: new EventTarget(),
    location: { assign: (address) => went.push(address) },
  });
  t.after(() => Object.assign(globalThis, before));
  let isInCall = true;
  const nothing = () => {};
  const life = new PageLife({ isInCall: () => isInCall, startOver: nothing, wentOffline: nothing, leaving: nothing });

  assert.equal(life.leaveTo("/accounts/login/"), false);
  life.callsChanged();
  assert.deepEqual([went, life.isLeaving], [[], false]);
  isInCall = false;
  life.callsChanged();
  life.callsChanged();
  assert.deepEqual([went, life.isLeaving], [["/accounts/login/"], true]);
  assert.equal(life.leaveTo("/elsewhere/"), true);
});
