// @ts-check
/**
 * Sounds that are listened to: messages, recorded calls. Works for whatever is on the page when it is clicked,
 * so that a part of the page that is swapped needs no wiring.
 *
 * A button [data-play] plays the [data-player] in its own item, [data-voicemail] or [data-recording], or around
 * itself. One sound plays at a time.
 */

import { gettext } from "../texts.js";

const SHORTEST_SECONDS = 0.25;
const NOT_HERE = gettext("This sound cannot be played here. Download it instead.");

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-play]") : null;
  const player = button && findPlayer(button);
  if (player) void toggle(player);
});

document.addEventListener("input", (event) => {
  const field = event.target;
  const player = field instanceof Element ? field.closest("[data-player]") : null;
  const sound = player && getSound(player);
  if (!sound) return;
  if (field instanceof HTMLInputElement && field.matches("[data-seek]")) seek(sound, Number(field.value));
  if (field instanceof HTMLSelectElement && field.matches("[data-speed]")) setSpeed(sound, field);
});

// What an <audio> tells does not bubble.
for (const name of ["play", "pause", "ended", "timeupdate", "durationchange", "seeked", "error"]) {
  document.addEventListener(name, hear, { capture: true });
}

/** @param {Event} event */
function hear(event) {
  const sound = event.target;
  const player = sound instanceof HTMLAudioElement ? sound.closest("[data-player]") : null;
  if (!(sound instanceof HTMLAudioElement) || !player) return;
  if (event.type === "play") pauseOthers(sound);
  if (event.type === "error") void explain(player, sound);
  draw(player, sound);
}

/** @param {Element} button */
function findPlayer(button) {
  const around = button.closest("[data-player], [data-voicemail], [data-recording]");
  return around?.matches("[data-player]") ? around : (around?.querySelector("[data-player]") ?? null);
}

/** @param {Element} player */
function getSound(player) {
  return player.querySelector("audio");
}

/** @param {Element} player */
async function toggle(player) {
  const sound = getSound(player);
  if (!sound) return;
  player.toggleAttribute("hidden", false);
  if (!sound.paused) return sound.pause();
  say(player, "");
  const speed = player.querySelector("[data-speed]");
  if (speed instanceof HTMLSelectElement) setSpeed(sound, speed);
  // What could not be fetched is asked for anew.
  if (sound.error) sound.load();
  try {
    await sound.play();
  } catch (error) {
    // The element's own `error` says why; AbortError is a pause before the first sound.
    if (!(error instanceof DOMException)) throw error;
  }
}

/**
 * @param {HTMLAudioElement} sound
 * @param {number} seconds
 */
function seek(sound, seconds) {
  if (sound.readyState > 0) {
    sound.currentTime = seconds;
    return;
  }
  // Nothing has been fetched yet: it begins there.
  sound.addEventListener("loadedmetadata", () => (sound.currentTime = seconds), { once: true });
  sound.preload = "metadata";
  sound.load();
}

/**
 * @param {HTMLAudioElement} sound
 * @param {HTMLSelectElement} field
 */
function setSpeed(sound, field) {
  // Fetching anew puts the rate back to the default one.
  sound.defaultPlaybackRate = sound.playbackRate = Number(field.value);
}

/** @param {HTMLAudioElement} playing */
function pauseOthers(playing) {
  for (const other of document.querySelectorAll("[data-player] audio")) {
    if (other !== playing && other instanceof HTMLAudioElement) other.pause();
  }
}

/**
 * @param {Element} player
 * @param {HTMLAudioElement} sound
 */
function draw(player, sound) {
  const field = player.querySelector("[data-seek]");
  const length = Number.isFinite(sound.duration) ? sound.duration : 0;
  if (field instanceof HTMLInputElement) {
    if (length > SHORTEST_SECONDS) field.max = String(length);
    if (!field.matches(":active")) field.value = String(sound.currentTime);
    field.setAttribute("aria-valuetext", `${clock(sound.currentTime)} of ${clock(Number(field.max))}`);
  }
  const time = player.querySelector('[data-part="time"]');
  if (time) time.textContent = clock(sound.currentTime);
  const item = player.closest("[data-voicemail], [data-recording]") ?? player;
  const button = item.querySelector("[data-play]");
  if (button) button.textContent = sound.paused ? gettext("Play") : gettext("Pause");
  if (sound.currentTime > 0) forgetNew(item);
}

/** What has been heard is new no more; the server counts the same. @param {Element} item */
function forgetNew(item) {
  item.classList.remove("is-new");
  item.querySelector('[data-part="new"]')?.remove();
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * Asks the server why there is no sound: an <audio> does not tell.
 * @param {Element} player
 * @param {HTMLAudioElement} sound
 */
async function explain(player, sound) {
  const { words, isGone } = await askWhy(sound.currentSrc || sound.src);
  say(player, words);
  const item = player.closest("[data-voicemail], [data-recording]");
  if (isGone && item) forgetNew(item);
}

/**
 * @param {string} address
 * @returns {Promise<{words: string, isGone: boolean}>}
 */
async function askWhy(address) {
  try {
    const response = await fetch(address, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
    const type = response.headers.get("Content-Type") ?? "";
    if (response.ok || !type.includes("json")) return { words: NOT_HERE, isGone: false };
    const { words, remedy } = await response.json();
    return { words: `${words} ${remedy}`.trim(), isGone: response.status === 410 };
  } catch (error) {
    // TypeError is what fetch throws for a lost network.
    if (!(error instanceof TypeError)) throw error;
    return { words: gettext("Dog n Bone’s server cannot be reached. Try again in a moment."), isGone: false };
  }
}

/**
 * @param {Element} player
 * @param {string} text
 */
function say(player, text) {
  const place = player.querySelector('[data-part="trouble"]');
  if (!place) return;
  place.textContent = text;
  place.toggleAttribute("hidden", text === "");
}
