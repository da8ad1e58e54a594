// @ts-check
/** What is said of calls and their sound. Pure. */

/** @import { MicrophoneWait } from "../device/microphone.js"; */
/** @import { Conversation } from "./conversations.js"; */
/** @import { CallView } from "./call-state.js"; */

/** @type {Record<string, string>} */
const warnings = {
  "high-rtt": "The network is slow: expect a delay.",
  "high-jitter": "The network is unsteady: words may break up.",
  "high-packet-loss": "The network is losing sound: words may drop out.",
  "high-packets-lost-fraction": "The network is losing sound: words may drop out.",
  "low-mos": "The line is poor just now.",
  "low-bytes-received": "No sound is arriving from the other end.",
  "low-bytes-sent": "No sound is leaving this browser.",
  "constant-audio-input-level": "Your microphone seems to be silent. Is it switched off?",
  "ice-connectivity-lost": "The sound has lost its way through the network.",
};

/** @type {Record<CallView["status"], string>} */
const statusWords = {
  connecting: "Connecting…",
  pending: "Incoming",
  ringing: "Ringing…",
  open: "On the line",
  reconnecting: "Reconnecting…",
  closed: "Ended",
};

/** @type {Record<MicrophoneWait, string>} What a call cannot go on without. */
export const microphoneWords = {
  "": "",
  asking: "Your browser is asking for the microphone: allow it.",
  waiting: "Waiting for the microphone…",
};

/**
 * @param {CallView} call
 * @param {MicrophoneWait} microphone
 */
export function wordsOfCall(call, microphone) {
  return (call.status === "connecting" && microphoneWords[microphone]) || statusWords[call.status];
}

/** @type {Partial<Record<Conversation["state"], string>>} */
const talkWords = { connecting: "Not answered", held: "On hold", consulting: "Talking first", conference: "Conference" };

/**
 * @param {Conversation} conversation
 * @param {MicrophoneWait} microphone
 * @param {string} time How long it has lasted.
 */
export function wordsOfTalk({ line, state, isAside }, microphone, time) {
  if (line.status !== "open") return wordsOfCall(line, microphone);
  return [isAside ? "You are on hold" : talkWords[state], time].filter(Boolean).join(" · ");
}

/**
 * @param {string} name The SDK's.
 * @returns {string} Empty for one that people cannot act on.
 */
export function wordsOfWarning(name) {
  return warnings[name] ?? "";
}

/** @param {number} milliseconds */
export function formatDuration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
