// @ts-check
/**
 * What is said of a call's line: that something is wrong with it, once, and that it is over, once. Of several things
 * at a time the first that was said stands, unless a worse one comes. Pure.
 *
 * @typedef {"no_way" | "no_sound_in" | "no_sound_out" | "microphone" | "loss" | "jitter" | "delay" | "poor"} Trouble
 * @typedef {Trouble | "reconnecting" | "reconnecting_sound"} Kind
 *
 * @typedef {object} Notice
 * @property {Kind | ""} kind Empty for nothing to say.
 * @property {boolean} isOver It was so, and is no longer.
 * @property {number} at Milliseconds, since when it is over, or stands.
 * @property {number | null} goneAt Since when it seems to be over, which is not believed at once.
 * @property {Partial<Record<Kind, number>>} told When each trouble was last said, to its end.
 */

/** @import { CallView } from "./call-state.js"; */
/** @import { Quality } from "./line-quality.js"; */

/** So long it must be gone before it is said to be over. */
const BELIEVED_AFTER_MS = 4_000;
/** So long it is said that something is over. */
const OVER_SHOWN_MS = 8_000;
/** So long a line that is now so, now so, is left to the meter. */
const NOT_AGAIN_FOR_MS = 30_000;
/** So long nothing else takes its place that the call is connected again. */
const RECONNECTED_STANDS_MS = 4_000;
/** MediaErrors.ConnectionError: the sound itself is lost, not only Twilio's word. */
const SOUND_LOST = 53405;

/** What each of the SDK's warnings means, the gravest first. @type {[string, Trouble][]} */
const TROUBLES = [
  ["ice-connectivity-lost", "no_way"],
  ["low-bytes-received", "no_sound_in"],
  ["low-bytes-sent", "no_sound_out"],
  ["constant-audio-input-level", "microphone"],
  ["high-packet-loss", "loss"],
  ["high-packets-lost-fraction", "loss"],
  ["high-jitter", "jitter"],
  ["high-rtt", "delay"],
  ["low-mos", "poor"],
];
const GRAVE = ["no_way", "no_sound_in", "no_sound_out"];

/** @type {Notice} */
export const NOTHING = { kind: "", isOver: false, at: 0, goneAt: null, told: {} };

/**
 * @param {Notice} said
 * @param {Pick<CallView, "status" | "warnings" | "isMuted" | "reconnectCode">} call
 * @param {Quality} quality
 * @param {number} now Milliseconds.
 * @returns {Notice}
 */
export function noticeOf(said, call, quality, now) {
  const isLost = call.status === "reconnecting";
  if (isLost) return stand(said, call.reconnectCode === SOUND_LOST ? "reconnecting_sound" : "reconnecting", now);
  if (isReconnecting(said) && !said.isOver) return end(said, now);
  // What the SDK warned of before may stand for a moment longer.
  if (isReconnecting(said) && now - said.at < RECONNECTED_STANDS_MS) return said;
  const isStanding = said.kind !== "" && !said.isOver;
  const troubles = troublesOf(call, quality).filter(
    (kind) => (isStanding && kind === said.kind) || !isToldLately(said, kind, now),
  );
  const [gravest] = troubles;
  if (isStanding && !troubles.includes(/** @type {Trouble} */ (said.kind))) return leave(said, gravest, now);
  if (gravest && (!isStanding || (isGrave(gravest) && !isGrave(said.kind)))) return stand(said, gravest, now);
  if (said.isOver && now - said.at >= OVER_SHOWN_MS) return { ...NOTHING, told: said.told };
  return said.goneAt === null ? said : { ...said, goneAt: null };
}

/**
 * @param {Notice} said
 * @param {Kind} kind
 * @param {number} now
 * @returns {Notice}
 */
function stand(said, kind, now) {
  const isSame = said.kind === kind && !said.isOver;
  return isSame ? { ...said, goneAt: null } : { kind, isOver: false, at: now, goneAt: null, told: toldBy(said, now) };
}

/**
 * @param {Notice} said
 * @param {number} now
 * @returns {Notice} It is over.
 */
function end(said, now) {
  return { kind: said.kind, isOver: true, at: now, goneAt: null, told: toldBy(said, now) };
}

/**
 * @param {Notice} said One that something else takes the place of.
 * @param {number} now
 */
function toldBy({ kind, told }, now) {
  return kind === "" ? told : { ...told, [kind]: now };
}

/**
 * That there is no sound is never left out.
 * @param {Notice} said
 * @param {Trouble} kind
 * @param {number} now
 */
function isToldLately({ told }, kind, now) {
  return !isGrave(kind) && now - (told[kind] ?? -Infinity) < NOT_AGAIN_FOR_MS;
}

/**
 * What was said is no longer so: believed after a while, or at once where a worse thing has taken its place.
 * @param {Notice} said
 * @param {Trouble | undefined} other
 * @param {number} now
 * @returns {Notice}
 */
function leave(said, other, now) {
  if (other && isGrave(other)) return stand(said, other, now);
  const goneAt = said.goneAt ?? now;
  if (now - goneAt < BELIEVED_AFTER_MS) return { ...said, goneAt };
  return other ? stand(said, other, now) : end(said, now);
}

/**
 * @param {Pick<CallView, "warnings" | "isMuted">} call
 * @param {Quality} quality
 * @returns {Trouble[]} The gravest first.
 */
function troublesOf({ warnings, isMuted }, { level, likely }) {
  const told = TROUBLES.filter(([name, kind]) => warnings.includes(name) && !(isMuted && kind === "microphone"));
  const kinds = told.map(([, kind]) => kind);
  // A meter that says “Poor” says why, also where the SDK does not warn.
  return level === "poor" && kinds.length === 0 ? [likely || "poor"] : kinds;
}

/** @param {Notice} notice */
function isReconnecting({ kind }) {
  return kind === "reconnecting" || kind === "reconnecting_sound";
}

/** @param {string} kind */
function isGrave(kind) {
  return GRAVE.includes(kind);
}
