// @ts-check
/** What is said of calls and their sound. Pure. */

import { formatAddress } from "./dialling.js";

/** @import { CallView } from "./call-state.js"; */

/** @type {Record<number, string>} */
const endings = {
  21218: "Twilio finds no TwiML App to make the call with.",
  31001: "Twilio finds no TwiML App to make the call with.",
  31002: "Twilio refused to connect the call.",
  31003: "Twilio took too long to connect the call.",
  31005: "The call was cut off.",
  31008: "The caller had already hung up.",
  31206: "Too many calls at once. Wait a moment, then call again.",
  31401: "The call needs the microphone, and this browser does not allow it.",
  31402: "The call needs a microphone, and none could be opened.",
  31404: "Nobody can be reached at that number or name. Check it, then call again.",
  31480: "They cannot be reached just now.",
  31486: "The line is busy.",
  31503: "Twilio got no answer from the server that tells it what to do with calls.",
  31603: "They declined the call.",
  53405: "The call was cut off: the sound could not get through.",
};

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

/** @param {CallView} call */
export function wordsOfCall(call) {
  return statusWords[call.status];
}

/**
 * Why a call is over, for the person who was on it; empty where a decline or a hang-up needs no words.
 * @param {CallView} call
 * @param {number} now Milliseconds.
 */
export function wordsOfEnding(call, now) {
  if (call.errorCode !== null) {
    return endings[call.errorCode] ?? `The call failed (Twilio's error ${call.errorCode}).`;
  }
  if (call.openedAt !== null) return `Call ended after ${formatDuration(now - call.openedAt)}.`;
  if (call.lastEvent === "reject") return "";
  // It may have been answered elsewhere: a number rings everybody of the account.
  const caller = formatAddress(call.name);
  return call.direction === "incoming" ? `${caller} stopped ringing before you answered.` : "The call was not answered.";
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
