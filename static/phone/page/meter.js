// @ts-check
/**
 * A meter as it is drawn: for the eye ten times a second, for a screen reader once a second, in a word: the
 * loudest of that second, and only where it is another.
 */

import { gettext } from "../../texts.js";

const SPOKEN_EVERY_MS = 1_000;

/** @type {WeakMap<HTMLElement, {at: number, peak: number}>} When each was last told of, and the loudest since. */
const told = new WeakMap();

/** @param {number} level 0 to 100 */
export function wordOf(level) {
  if (level < 10) return gettext("silent");
  if (level < 35) return gettext("quiet");
  return level < 90 ? gettext("good") : gettext("too loud");
}

/**
 * @param {HTMLElement} meter With the role.
 * @param {number} level 0 to 100
 */
export function drawLevel(meter, level) {
  meter.style.setProperty("--level", String(level / 100));
  const now = performance.now();
  const last = told.get(meter) ?? { at: now - SPOKEN_EVERY_MS, peak: 0 };
  const peak = Math.max(last.peak, level);
  const isDue = now - last.at >= SPOKEN_EVERY_MS;
  told.set(meter, isDue ? { at: now, peak: 0 } : { at: last.at, peak });
  if (isDue) tell(meter, peak);
}

/** @param {HTMLElement} meter Nothing is measured any more. */
export function restMeter(meter) {
  told.delete(meter);
  meter.style.setProperty("--level", "0");
  tell(meter, 0);
}

/**
 * @param {HTMLElement} meter
 * @param {number} level
 */
function tell(meter, level) {
  const said = { "aria-valuenow": String(level), "aria-valuetext": wordOf(level) };
  for (const [name, value] of Object.entries(said)) {
    if (meter.getAttribute(name) !== value) meter.setAttribute(name, value);
  }
}
