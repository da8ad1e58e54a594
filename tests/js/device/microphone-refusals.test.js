import assert from "node:assert/strict";
import test from "node:test";

import { refusalOf } from "../../../static/phone/device/microphone-refusals.js";

const refused = (name, more = {}) => refusalOf({ name, message: "", permission: "", isForbidden: false, ...more });

test("what a browser refuses is told apart, and what it does not tell stays open", () => {
  for (const [refusal, ...seen] of [
    ["microphone_denied", "NotAllowedError", { message: "Permission denied", permission: "denied" }],
    ["microphone_denied", "PermissionDeniedError"],
    ["microphone_denied", "SecurityError"],
    ["microphone_dismissed", "NotAllowedError", { message: "Permission dismissed" }],
    // Firefox and Safari say it only by what they would do next.
    ["microphone_dismissed", "NotAllowedError", { permission: "prompt" }],
    ["microphone_system", "NotAllowedError", { message: "Permission denied by system", permission: "granted" }],
    ["microphone_policy", "NotAllowedError", { permission: "denied", isForbidden: true }],
    ["microphone_insecure", "InsecurePage"],
    ["microphone_none", "NotFoundError"],
    ["microphone_none", "DevicesNotFoundError"],
    ["microphone_in_use", "NotReadableError"],
    ["microphone_in_use", "TrackStartError"],
    ["microphone_in_use", "AbortError"],
    ["microphone_missing", "OverconstrainedError"],
    ["microphone_missing", "Error"],
  ]) {
    assert.equal(refused(...seen), refusal, JSON.stringify(seen));
  }
});
