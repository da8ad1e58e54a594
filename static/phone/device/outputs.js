// @ts-check
/** Where a sound of the page's own is heard. */

import { DEFAULT } from "./devices.js";

/**
 * Plays a sound on one of the loudspeakers; on the system's where that cannot be, for a sound in the wrong place is
 * better than none.
 *
 * @param {HTMLAudioElement} sound
 * @param {string} deviceId `default` for the system's own.
 * @returns {Promise<boolean>} Whether it is heard where it was meant to be.
 * @throws Whatever the browser throws that lets a page make no sound at all.
 */
export async function playOn(sound, deviceId) {
  const isMeant = await choose(sound, deviceId === DEFAULT ? "" : deviceId);
  if (!isMeant) await choose(sound, "");
  await sound.play();
  return isMeant;
}

/**
 * @param {HTMLAudioElement} sound
 * @param {string} sinkId
 */
async function choose(sound, sinkId) {
  if (!("setSinkId" in sound)) return sinkId === "";
  if (sound.sinkId === sinkId) return true;
  try {
    await sound.setSinkId(sinkId);
    return true;
  } catch {
    return false;
  }
}
