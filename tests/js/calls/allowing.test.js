import assert from "node:assert/strict";
import test from "node:test";

import { browserOf, tellHowToAllow } from "../../../static/phone/calls/allowing.js";
import { causes } from "../stand-ins.js";

const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";

test("each browser is told from the others, although most say that they are several", () => {
  for (const [browser, userAgent, touchPoints = 0] of [
    ["chrome", CHROME],
    ["edge", `${CHROME} Edg/139.0.0.0`],
    ["firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"],
    ["safari", MAC],
    // An iPad says that it is a Mac.
    ["ios", MAC, 5],
    ["ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/139.0 Mobile/15E148 Safari/604.1", 5],
    ["android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36", 5],
    ["firefox-android", "Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0", 5],
    ["", "Lynx/2.9"],
  ]) {
    assert.equal(browserOf(userAgent, touchPoints), browser, userAgent);
  }
});

test("a refused microphone is followed by what to do in this browser, on the card and on the handset", () => {
  const verdicts = { microphone_denied: { code: "microphone_denied", remedy: "Allow it." }, offline: { code: "offline" } };
  const told = tellHowToAllow({ verdicts, causes }, "Click the lock.");
  assert.equal(told.verdicts.microphone_denied.remedy, "Click the lock.");
  assert.equal(told.causes.texts.microphone_denied.remedy, "Click the lock.");
  assert.equal(told.verdicts.offline, verdicts.offline);
  assert.deepEqual(tellHowToAllow({ verdicts, causes }, undefined), { verdicts, causes });
});
