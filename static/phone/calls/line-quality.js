// @ts-check
/**
 * How good a call sounds: good, fair or poor, from what the SDK measures once a second. It does not flicker: a
 * level has to last before it is believed, and a better one for longer than a worse. Pure.
 *
 * @typedef {"good" | "fair" | "poor"} Level
 * @typedef {"loss" | "jitter" | "delay" | ""} Likely What most likely makes it so; empty where nothing stands out.
 *
 * @typedef {object} Quality
 * @property {Level | ""} level Empty until it is known.
 * @property {Likely} likely
 * @property {{level: Level, likely: Likely, seconds: number} | null} doubt What the last seconds say instead.
 * @property {Worst | null} worst The worst second of the worst level.
 * @property {Record<Level, number>} seconds How long it was at each.
 *
 * @typedef {object} Worst
 * @property {Level} level
 * @property {Likely} likely
 * @property {number | null} mos
 * @property {number | null} roundTrip
 * @property {number | null} jitter
 * @property {number | null} loss
 */

/** @import { Sample } from "../device/sound-figures.js"; */

/** From the worst to the best. */
const LEVELS = /** @type {Level[]} */ (["poor", "fair", "good"]);
/**
 * Below these it is fair, or poor. MOS as Twilio reads it
 * (https://www.twilio.com/docs/voice/sdks/javascript/twiliopreflighttest); the rest where the SDK warns, and twice that.
 */
const MOS = { fair: 3.7, poor: 3.1 };
const FACTORS = /** @type {const} */ ({
  loss: { fair: 3, poor: 10 },
  jitter: { fair: 30, poor: 60 },
  delay: { fair: 400, poor: 800 },
});
const SECONDS_TO_WORSEN = 3;
const SECONDS_TO_IMPROVE = 5;
const SECONDS_TO_BEGIN = 2;

/** @type {Quality} */
export const UNKNOWN_QUALITY = {
  level: "",
  likely: "",
  doubt: null,
  worst: null,
  seconds: { good: 0, fair: 0, poor: 0 },
};

/**
 * @param {Quality} quality
 * @param {Sample} sample
 * @returns {Quality}
 */
export function hearSample(quality, sample) {
  const heard = weigh(sample);
  if (!heard) return quality;
  const next = settle(quality, heard);
  if (next.level === "") return next;
  const seconds = { ...next.seconds, [next.level]: next.seconds[next.level] + 1 };
  return { ...next, seconds, worst: worseOf(next.worst, { ...heard.figures, level: next.level, likely: next.likely }) };
}

/**
 * @param {Quality} quality
 * @param {{level: Level, likely: Likely}} heard
 * @returns {Quality}
 */
function settle(quality, { level, likely }) {
  if (level === quality.level) return { ...quality, doubt: null };
  const { doubt } = quality;
  const isWorse = quality.level !== "" && rank(level) < rank(quality.level);
  const isSame =
    doubt !== null &&
    (quality.level === "" ? doubt.level === level : isWorse === rank(doubt.level) < rank(quality.level));
  // Of several seconds that are better, or worse, the one that is nearest to how it was is certain.
  const isMilder = !doubt || (isWorse ? rank(level) > rank(doubt.level) : rank(level) < rank(doubt.level));
  const said = isSame && !isMilder && doubt ? doubt : { level, likely };
  const seconds = isSame && doubt ? doubt.seconds + 1 : 1;
  const needed = quality.level === "" ? SECONDS_TO_BEGIN : isWorse ? SECONDS_TO_WORSEN : SECONDS_TO_IMPROVE;
  if (seconds < needed) return { ...quality, doubt: { level: said.level, likely: said.likely, seconds } };
  return { ...quality, level: said.level, likely: said.likely, doubt: null };
}

/**
 * @param {Sample} sample
 * @returns {{level: Level, likely: Likely, figures: Omit<Worst, "level" | "likely">} | null} Null for one that says nothing.
 */
function weigh({ mos, rtt, jitter, packetsLost = 0, packetsReceived = 0 }) {
  const all = packetsLost + packetsReceived;
  // Silence is no quality: what it is, the SDK warns of.
  if (all <= 0) return null;
  const figures = {
    mos: known(mos),
    roundTrip: known(rtt),
    jitter: known(jitter),
    loss: (Math.max(0, packetsLost) / all) * 100,
  };
  const measured = { loss: figures.loss, jitter: figures.jitter ?? 0, delay: figures.roundTrip ?? 0 };
  const names = /** @type {(keyof typeof FACTORS)[]} */ (Object.keys(FACTORS));
  const strain = (/** @type {keyof typeof FACTORS} */ name) => measured[name] / FACTORS[name].fair;
  const [worst = "loss"] = [...names].sort((one, other) => strain(other) - strain(one));
  const levels = names.map((name) => levelOf(measured[name] > FACTORS[name].poor, measured[name] > FACTORS[name].fair));
  if (figures.mos !== null) levels.push(levelOf(figures.mos < MOS.poor, figures.mos < MOS.fair));
  const level = LEVELS.find((one) => levels.includes(one)) ?? "good";
  return { level, likely: level !== "good" && strain(worst) > 0.5 ? worst : "", figures };
}

/**
 * @param {boolean} isPoor
 * @param {boolean} isFair
 * @returns {Level}
 */
function levelOf(isPoor, isFair) {
  return isPoor ? "poor" : isFair ? "fair" : "good";
}

/**
 * @param {Worst | null} one
 * @param {Worst} other
 */
function worseOf(one, other) {
  if (!one || rank(other.level) < rank(one.level)) return other;
  const isWorse = rank(other.level) === rank(one.level) && (other.mos ?? 5) < (one.mos ?? 5);
  return isWorse ? other : one;
}

/** @param {Level} level */
function rank(level) {
  return LEVELS.indexOf(level);
}

/**
 * @param {unknown} figure
 * @returns {number | null}
 */
function known(figure) {
  return typeof figure === "number" && Number.isFinite(figure) && figure >= 0 ? figure : null;
}

/**
 * What is kept of a call's quality for the administrator.
 * @param {Quality} quality
 * @returns {string} Empty where nothing is known.
 */
export function tellQuality({ worst, seconds }) {
  if (!worst) return "";
  const figures = [
    worst.mos !== null && `MOS ${worst.mos.toFixed(1)}`,
    worst.roundTrip !== null && `round trip ${Math.round(worst.roundTrip)} ms`,
    worst.jitter !== null && `jitter ${Math.round(worst.jitter)} ms`,
    worst.loss !== null && `loss ${worst.loss.toFixed(1)} %`,
  ].filter(Boolean);
  const times = LEVELS.toReversed().filter((level) => seconds[level] > 0).map((level) => `${level} ${seconds[level]} s`);
  return `worst ${worst.level}: ${figures.join(", ")}; ${times.join(", ")}`;
}
