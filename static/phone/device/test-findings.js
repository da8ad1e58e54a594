// @ts-check
/**
 * What the parts of a test came to, as the lines that people read. Their names and words are the server's
 * (`phone/connection_tests/texts.py`), which come with the settings. Pure.
 *
 * @typedef {object} Line
 * @property {string} check
 * @property {string} finding
 * @property {number} [value]
 *
 * @typedef {object} LineOutcome What the test's own call came to.
 * @property {Line} signalling
 * @property {string} media Empty for: as the figures say.
 * @property {Figures | null} figures
 * @property {Way | null} way
 */

/** @import { Way } from "./peer-connections.js"; */
/** @import { Figures } from "./sound-figures.js"; */

/** Above these the SDK warns, too; lost sound by its average. */
const MOST_ROUND_TRIP_MS = 400;
const MOST_JITTER_MS = 30;
const MOST_LOSS_PERCENT = 3;
/** So long nobody minds. */
const MOST_ANSWER_MS = 2_000;
/** The other end hears next to nothing. */
const ALL_LOST_PERCENT = 90;

export const CHECKS = /** @type {const} */ ([
  ...["microphone", "speaker", "server", "socket", "signalling"],
  ...["media", "round_trip", "jitter", "loss", "path"],
]);
export const SOUND_CHECKS = ["round_trip", "jitter", "loss", "path"];

/** @type {Record<string, string>} By the name of the verdict on it (`microphone-refusals.js`). */
const REFUSED = {
  microphone_denied: "denied",
  microphone_dismissed: "dismissed",
  microphone_system: "system",
  microphone_policy: "policy",
  microphone_insecure: "insecure",
  microphone_none: "none",
  microphone_in_use: "in_use",
};

/** @param {string} refusal Why there is no microphone; empty where there is one. */
export function findingOfMicrophone(refusal) {
  return refusal ? (REFUSED[refusal] ?? "broke") : "ok";
}

/**
 * @param {{status: number, isOurs: boolean, milliseconds: number} | null} answer Null where none came.
 * @returns {Line}
 */
export function lineOfServer(answer) {
  const check = "server";
  if (!answer) return { check, finding: "away" };
  const { status, isOurs, milliseconds } = answer;
  const value = Math.round(milliseconds);
  if (isOurs && status === 401) return { check, finding: "signed_out" };
  if (isOurs && status === 200) return { check, finding: value > MOST_ANSWER_MS ? "slow" : "ok", value };
  return { check, finding: status >= 500 ? "ill" : "foreign" };
}

/**
 * The sound's own lines.
 * @param {Pick<LineOutcome, "media" | "figures" | "way">} outcome
 * @returns {Line[]}
 */
export function linesOfSound({ media, figures, way }) {
  const finding = media || findingOfMedia(figures, way);
  const lines = [{ check: "media", finding }];
  const isHeard = figures !== null && figures.bytesReceived > 0;
  if (!isHeard) return [...lines, ...SOUND_CHECKS.map((check) => ({ check, finding: "no_sound" }))];
  const loss = figures.loss === null ? (way?.lossOut ?? null) : Math.max(figures.loss, way?.lossOut ?? 0);
  return [
    ...lines,
    measured("round_trip", figures.roundTrip, MOST_ROUND_TRIP_MS),
    measured("jitter", figures.jitter, MOST_JITTER_MS),
    measured("loss", loss, MOST_LOSS_PERCENT, 1),
    { check: "path", finding: way?.path ?? "not_told" },
  ];
}

/**
 * @param {Figures | null} figures
 * @param {Way | null} way
 */
function findingOfMedia(figures, way) {
  // In a call that is not answered yet.
  if (!figures || figures.seconds === 0) return "not_yet";
  const comes = figures.bytesReceived > 0;
  const goes = figures.bytesSent > 0 && (way?.lossOut ?? 0) < ALL_LOST_PERCENT;
  if (comes && goes) return "ok";
  if (comes) return "nothing_goes";
  return way?.isConnected ? "nothing_comes" : "no_way";
}

/**
 * @param {string} check
 * @param {number | null} figure
 * @param {number} most
 * @param {number} [digits] After the point.
 * @returns {Line}
 */
function measured(check, figure, most, digits = 0) {
  if (figure === null) return { check, finding: "not_told" };
  return { check, finding: figure > most ? "high" : "ok", value: Number(figure.toFixed(digits)) };
}
