// @ts-check
/**
 * What one can do in a conversation: each button's name, whether it is there, and why it cannot be pressed. Pure.
 *
 * @typedef {object} Offer
 * @property {string} label
 * @property {string} deed What the server is asked; empty for what the page does by itself.
 * @property {boolean} isShown
 * @property {boolean} isDisabled
 * @property {boolean} isBusy It is being done.
 * @property {string} why It cannot be done, for people; empty for no reason to give.
 *
 * @typedef {object} Circumstances
 * @property {boolean} isServerLost
 * @property {string} underWay The deed that this conversation waits for; empty for none.
 * @property {number} now Milliseconds.
 */

import { gettext, pgettext } from "../../texts.js";

/** @import { Conversation, TalkState } from "./conversations.js"; */
/** @import { Waiting } from "./waiting.js"; */

/** @type {Record<string, {label: string, doing: string, done: string}>} */
export const DEEDS = {
  hold: { label: gettext("Hold"), doing: gettext("Holding…"), done: gettext("On hold.") },
  resume: { label: gettext("Resume"), doing: gettext("Resuming…"), done: gettext("You are talking again.") },
  transfer: { label: gettext("Transfer now"), doing: gettext("Transferring…"), done: gettext("Transferred.") },
  consult: { label: gettext("Talk first"), doing: gettext("Calling…"), done: gettext("The caller waits on hold.") },
  complete: { label: gettext("Complete transfer"), doing: gettext("Transferring…"), done: gettext("Transferred.") },
  back: { label: gettext("Back to the caller"), doing: gettext("Going back…"), done: gettext("You are talking to the caller again.") },
  join: { label: gettext("Join all"), doing: gettext("Joining…"), done: gettext("All can hear each other.") },
  add: { label: pgettext("to a call", "Add"), doing: gettext("Adding…"), done: gettext("They have been called.") },
  remove: { label: gettext("Remove"), doing: gettext("Removing…"), done: gettext("Removed.") },
  leave: { label: gettext("Leave"), doing: gettext("Leaving…"), done: gettext("You have left.") },
  "hang-up": { label: gettext("Hang up"), doing: gettext("Hanging up…"), done: gettext("Ended.") },
  answer: { label: gettext("Hold and answer"), doing: gettext("Answering…"), done: gettext("Answered.") },
  voicemail: { label: gettext("Send to voicemail"), doing: gettext("Sending…"), done: gettext("Sent to voicemail.") },
  record: { label: gettext("Record"), doing: gettext("Starting…"), done: gettext("The call is being recorded.") },
  "stop-recording": { label: gettext("Stop recording"), doing: gettext("Stopping…"), done: gettext("The recording has stopped.") },
  "pause-recording": { label: gettext("Pause recording"), doing: gettext("Pausing…"), done: gettext("The recording is paused.") },
};

const SERVER_LOST = gettext("Dog n Bone’s server cannot be reached just now.");
const NOT_NOW = gettext("This cannot be done just now.");
const NOT_TOLD = gettext("Dog n Bone’s server has not told of this call yet.");
/** Until then nobody is told why a button waits: the server's word comes with the ringing or the answer, or right after. */
const TOLD_WITHIN_MS = 3_000;
/** @type {TalkState[]} */
const BEFORE = ["connecting", "ringing"];
/** @type {TalkState[]} */
const PLAIN = ["open", "held", "reconnecting"];

/**
 * @param {Conversation} conversation
 * @param {Circumstances} circumstances
 * @returns {Record<string, Offer>} By the parts of the page.
 */
export function offersOf(conversation, circumstances) {
  const { line, state, recording, cannot, isShared, isSpeaking } = conversation;
  const isOpen = !BEFORE.includes(state);
  const isPlain = PLAIN.includes(state);
  const ask = (/** @type {string[]} */ deeds, isUsual = false) =>
    isOpen && !line.isEcho ? offer(conversation, circumstances, deeds, isUsual) : hidden(deeds[0] ?? "");
  const isRecorded = recording !== "off";
  return {
    "hang-up": hangUp(circumstances),
    mute: { ...own(gettext("Mute")), isShown: isOpen && isSpeaking },
    hold: ask([state === "held" ? "resume" : "hold"], isPlain),
    keypad: { ...own(gettext("Keypad")), isShown: isOpen && isSpeaking && !line.isEcho },
    transfer: { ...ask(["transfer", "consult"], isPlain && !isShared), label: gettext("Transfer") },
    add: { ...ask(["add"], (isPlain || state === "conference") && !isShared), label: gettext("Add someone") },
    record: ask([isRecorded ? "stop-recording" : "record"], isRecorded || ("record" in cannot && state !== "consulting")),
    pause: isRecorded ? pause(ask([recording === "paused" ? "record" : "pause-recording"]), recording) : hidden(""),
    complete: ask(["complete"], state === "consulting"),
    back: ask(["back"], state === "consulting"),
    join: ask(["join"], state === "consulting"),
    // Elsewhere it would be the same as to hang up, or to complete a transfer.
    leave: state === "conference" ? ask(["leave"], true) : hidden("leave"),
    remove: ask(["remove"], state === "conference"),
  };
}

/**
 * Of a dialog, by its deeds.
 * @param {Conversation} conversation
 * @param {string[]} deeds
 * @param {Circumstances} circumstances
 * @returns {Record<string, Offer>}
 */
export function offersTo(conversation, deeds, circumstances) {
  return Object.fromEntries(deeds.map((deed) => [deed, offer(conversation, circumstances, [deed], true)]));
}

/**
 * @param {Waiting} waiting
 * @param {Circumstances & {isInCall: boolean}} circumstances
 * @returns {Record<string, Offer>}
 */
export function offersOfWaiting({ can, cannot, call }, { isInCall, ...circumstances }) {
  const conversation = { can, cannot, isTold: can.length > 0 || Object.keys(cannot).length > 0, openedAt: null, line: call };
  const answer = offer(conversation, circumstances, ["answer"], true);
  return {
    "hold-and-answer": { ...answer, isShown: isInCall },
    voicemail: offer(conversation, circumstances, ["voicemail"], "voicemail" in cannot),
  };
}

/**
 * @param {Pick<Conversation, "can" | "cannot" | "isTold" | "openedAt" | "line">} conversation
 * @param {Circumstances} circumstances
 * @param {string[]} deeds Any of them is what the button is for; the first names it.
 * @param {boolean} isUsual It belongs here, even where it cannot be done: then it says why.
 * @returns {Offer}
 */
function offer({ can, cannot, isTold, openedAt, line }, { isServerLost, underWay, now }, deeds, isUsual) {
  const [deed = ""] = deeds;
  const isPossible = deeds.some((one) => can.includes(one));
  const told = deeds.map((one) => cannot[one]).find(Boolean) ?? "";
  const isLate = now - (openedAt ?? line.begunAt) > TOLD_WITHIN_MS;
  const silent = isTold ? NOT_NOW : isLate ? NOT_TOLD : "";
  const why = isPossible ? "" : told || silent;
  const isBusy = deeds.includes(underWay);
  return {
    label: (isBusy ? DEEDS[deed]?.doing : DEEDS[deed]?.label) ?? "",
    deed,
    isShown: isPossible || isUsual || isBusy,
    isDisabled: !isPossible || isServerLost || underWay !== "",
    isBusy,
    // What is just being done is no reason that one has to read.
    why: isServerLost ? SERVER_LOST : underWay ? "" : why,
  };
}

/**
 * Always there: the page can end its own line without anybody.
 * @param {Circumstances} circumstances
 */
function hangUp({ underWay }) {
  const isBusy = underWay === "hang-up";
  const label = (isBusy ? DEEDS["hang-up"]?.doing : DEEDS["hang-up"]?.label) ?? "";
  return { ...own(label), deed: "hang-up", isDisabled: isBusy, isBusy };
}

/**
 * @param {Offer} asked
 * @param {string} recording
 */
function pause(asked, recording) {
  return recording === "paused" && !asked.isBusy ? { ...asked, label: gettext("Resume recording") } : asked;
}

/**
 * @param {string} label
 * @returns {Offer}
 */
function own(label) {
  return { label, deed: "", isShown: true, isDisabled: false, isBusy: false, why: "" };
}

/** @param {string} deed */
function hidden(deed) {
  return { ...own(DEEDS[deed]?.label ?? ""), deed, isShown: false };
}
