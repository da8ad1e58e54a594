// @ts-check
/** What is played beside the phone is heard where calls are. */

import { DEFAULT } from "../device/devices.js";

/** @import { Devices } from "../device/devices.js"; */

/** @param {Devices} devices */
export function followPlayers(devices) {
  const place = (/** @type {Event} */ { target }) => {
    if (!(target instanceof HTMLAudioElement) || !devices.canChooseOutput) return;
    const { deviceId } = devices.used("speaker");
    // Where it cannot be, it is heard on the system's.
    target.setSinkId(deviceId === DEFAULT ? "" : deviceId).catch(() => {});
  };
  // It does not bubble.
  document.addEventListener("play", place, { capture: true });
}
