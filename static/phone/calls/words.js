// @ts-check
/** What is said of calls and their sound. Pure. */

import { gettext } from "../../texts.js";

/** @import { MicrophoneWait } from "../device/microphone.js"; */
/** @import { Conversation } from "./conversations.js"; */
/** @import { CallView } from "./call-state.js"; */
/** @import { Notice } from "./line-notice.js"; */
/** @import { Quality } from "./line-quality.js"; */

/**
 * What is wrong with a line, what it likely is, and the one thing to do; and that it is over.
 * @type {Record<Exclude<Notice["kind"], "">, {now: string, over: string}>}
 */
const noticeWords = {
  no_way: {
    now: gettext("The sound has lost its way through the network. If it stays so, hang up and call again."),
    over: gettext("The sound has found its way again."),
  },
  no_sound_in: {
    now: gettext("No sound arrives from the other end. Ask whether they are muted; if not, call again."),
    over: gettext("Sound arrives again."),
  },
  no_sound_out: {
    now: gettext("No sound leaves this browser. See that your microphone is plugged in and on."),
    over: gettext("Your sound leaves again."),
  },
  microphone: {
    now: gettext("Your microphone seems to be silent. See that it is on and not muted."),
    over: gettext("Your microphone is heard again."),
  },
  loss: {
    now: gettext("Sound is lost on its way: words may drop out. Use a cable, or go nearer to the Wi-Fi."),
    over: gettext("The line is good again."),
  },
  jitter: {
    now: gettext("The network is unsteady: words may break up. End downloads and video on the same network."),
    over: gettext("The line is good again."),
  },
  delay: {
    now: gettext("The network is slow: expect a delay. Leave a pause after you have spoken."),
    over: gettext("The line is good again."),
  },
  poor: {
    now: gettext("The line is poor. If it stays so, call again or use another network."),
    over: gettext("The line is good again."),
  },
  reconnecting: {
    now: gettext("The connection to Twilio was lost; the phone is getting it back. Stay on the line."),
    over: gettext("Connected again. The call goes on."),
  },
  reconnecting_sound: {
    now: gettext("The sound was cut off; the phone is getting it back. Stay on the line."),
    over: gettext("Connected again. The call goes on."),
  },
};

/** @type {Record<Quality["level"], string>} */
const qualityWords = { "": "", good: gettext("Good line"), fair: gettext("Fair line"), poor: gettext("Poor line") };
/** @type {Record<Quality["likely"], string>} */
const likelyWords = { "": "", loss: gettext("sound is lost"), jitter: gettext("unsteady"), delay: gettext("delayed") };

/** @type {Record<CallView["status"], string>} */
const statusWords = {
  connecting: gettext("Connecting…"),
  pending: gettext("Incoming"),
  ringing: gettext("Ringing…"),
  open: gettext("On the line"),
  reconnecting: gettext("Reconnecting…"),
  closed: gettext("Ended"),
};

/** @type {Record<MicrophoneWait, string>} What a call cannot go on without. */
export const microphoneWords = {
  "": "",
  asking: gettext("Your browser is asking for the microphone: allow it."),
  waiting: gettext("Waiting for the microphone…"),
};

/**
 * @param {CallView} call
 * @param {MicrophoneWait} microphone
 */
export function wordsOfCall(call, microphone) {
  return (call.status === "connecting" && microphoneWords[microphone]) || statusWords[call.status];
}

/** @type {Partial<Record<Conversation["state"], string>>} */
const talkWords = { connecting: gettext("Not answered"), held: gettext("On hold"), consulting: gettext("Talking first"), conference: gettext("Conference") };

/**
 * @param {Conversation} conversation
 * @param {MicrophoneWait} microphone
 * @param {string} time How long it has lasted.
 */
export function wordsOfTalk({ line, state, isAside }, microphone, time) {
  if (line.status !== "open") return wordsOfCall(line, microphone);
  return [isAside ? gettext("You are on hold") : talkWords[state], time].filter(Boolean).join(" · ");
}

/** @param {Notice} notice */
export function wordsOfNotice({ kind, isOver }) {
  return kind === "" ? "" : noticeWords[kind][isOver ? "over" : "now"];
}

/** @param {Quality} quality */
export function wordsOfQuality({ level, likely }) {
  return [qualityWords[level], level === "good" ? "" : likelyWords[likely]].filter(Boolean).join(": ");
}

/** @param {number} milliseconds */
export function formatDuration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
