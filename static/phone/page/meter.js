// @ts-check
/**
 * A meter as it is drawn: for the eye ten times a second, for a screen reader once a second, in a word, and only where
 * it is another.
 */

const SPOKEN_EVERY_MS = 1_000;

/** @type {WeakMap<HTMLElement, number>} When each was last told of. */
const told = new WeakMap();

/** @param {number} level 0 to 100 */
export function wordOf(level) {
  if (level < 10) return "silent";
  if (level < 35) return "quiet";
  return level < 90 ? "good" : "too loud";
}

/**
 * @param {HTMLElement} meter With the role.
 * @param {number} level 0 to 100
 */
export function drawLevel(meter, level) {
  meter.style.setProperty("--level", String(level / 100));
  const now = performance.now();
  if (level !== 0 && now - (told.get(meter) ?? -SPOKEN_EVERY_MS) < SPOKEN_EVERY_MS) return;
  told.set(meter, now);
  if (meter.getAttribute("aria-valuenow") !== String(level)) meter.setAttribute("aria-valuenow", String(level));
  if (meter.getAttribute("aria-valuetext") !== wordOf(level)) meter.setAttribute("aria-valuetext", wordOf(level));
}
