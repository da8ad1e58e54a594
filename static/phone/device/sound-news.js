// @ts-check
/**
 * What is said when, in the middle of a call, a device goes, comes back, or is changed for another. Pure.
 *
 * @typedef {object} Heard By what one is heard, or hears, at one moment of a call.
 * @property {string} label Empty where there is no name for it.
 * @property {string} groupId
 * @property {string} deviceId
 * @property {boolean} isAway The one that was chosen is not there.
 * @property {boolean} isThere There is any.
 * @property {string} choice The one that was chosen, by its id; empty where the system decides.
 *
 * @typedef {object} Moment
 * @property {Heard} microphone
 * @property {Heard} speaker
 * @property {boolean} isHeard A microphone is open, and hears.
 *
 * @typedef {object} News
 * @property {"lost" | "back" | "none" | "chosen" | "system"} kind
 * @property {string} words For people; empty where they have done it themselves and see it.
 * @property {string} report For the audit trail.
 */

import { gettext, interpolate, listed, ngettext } from "../../texts.js";

const NONE_LEFT = gettext("No microphone is left: nobody hears you. Plug one in, and the call takes it.");
const NOT_OPENED = gettext("The microphone is not open any more: nobody hears you. Settings says why.");

/**
 * @param {Moment} before
 * @param {Moment} after
 * @returns {News | null} Null where nothing is different.
 */
export function newsOf(before, after) {
  const report = (/** @type {string} */ what) => `${what}: ${describe(after)}`;
  if (!after.isHeard) {
    if (!before.isHeard) return null;
    const words = after.microphone.isThere ? NOT_OPENED : NONE_LEFT;
    return { kind: "none", words, report: report("nobody is heard") };
  }
  const uses = /** @type {const} */ (["microphone", "speaker"]);
  const changed = uses.filter((use) => isAnother(before[use], after[use]));
  if (!before.isHeard) {
    return { kind: "back", words: wordsOfReturn(after.microphone), report: report("heard again") };
  }
  if (changed.length === 0) return null;
  const chosen = changed.filter((use) => before[use].choice !== after[use].choice);
  if (chosen.length > 0) return { kind: "chosen", words: "", report: report("chosen") };
  const now = joinNames(changed.map((use) => nameOf(after[use]))).text;
  const names = (/** @type {Moment} */ moment, /** @type {(use: "microphone" | "speaker") => boolean} */ isMeant) =>
    joinNames(changed.filter(isMeant).map((use) => nameOf(moment[use])));
  const lost = names(before, (use) => after[use].isAway && !before[use].isAway);
  if (lost.text) {
    const words = ngettext(
      "%(lost)s is gone. The call goes on with %(now)s.",
      "%(lost)s are gone. The call goes on with %(now)s.",
      lost.count,
    );
    return { kind: "lost", words: begin(interpolate(words, { lost: lost.text, now })), report: report("lost") };
  }
  const back = names(after, (use) => before[use].isAway && !after[use].isAway);
  if (back.text) {
    const words = ngettext(
      "%(back)s is back, and the call goes on there.",
      "%(back)s are back, and the call goes on there.",
      back.count,
    );
    return { kind: "back", words: begin(interpolate(words, { back: back.text })), report: report("back") };
  }
  const words = interpolate(gettext("The call goes on with %(now)s."), { now });
  return { kind: "system", words, report: report("the system's choice") };
}

/**
 * @param {Heard} one
 * @param {Heard} other
 */
function isAnother(one, other) {
  // Until the browser names its devices, nothing tells them apart.
  if (!one.label || !other.label) return false;
  return one.label !== other.label || one.groupId !== other.groupId;
}

/** @param {Heard} microphone */
function wordsOfReturn({ label }) {
  return label
    ? interpolate(gettext("You are heard again, by “%(device)s”."), { device: label })
    : gettext("You are heard again, by the system’s own.");
}

/** For people. @param {Heard} one */
const nameOf = ({ label }) =>
  label ? interpolate(gettext("“%(device)s”"), { device: label }) : gettext("the system’s own");

/** For the audit trail. @param {Heard} one */
const quote = ({ label }) => (label ? `“${label}”` : "the system’s own");

/**
 * @param {string[]} names
 * @returns {{text: string, count: number}}
 */
function joinNames(names) {
  const each = [...new Set(names)];
  return { text: listed(each), count: each.length };
}

/** @param {string} sentence */
const begin = (sentence) => sentence.slice(0, 1).toUpperCase() + sentence.slice(1);

/** @param {Moment} moment */
function describe({ microphone, speaker, isHeard }) {
  return `microphone ${isHeard ? quote(microphone) : "none"}, speaker ${quote(speaker)}`;
}
