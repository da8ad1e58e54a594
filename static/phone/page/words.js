// @ts-check
/** What the page says of the Device's state, and of what the phone did. Pure. */

/** @type {Record<string, string>} */
export const stateWords = {
  connecting: "Connecting",
  ready: "Ready",
  offline: "Offline",
  error: "Not connected",
};

/** @type {Record<string, string>} What the Device does, and what its calls do. */
export const eventWords = {
  ...stateWords,
  incoming: "Rings here",
  connect: "In a call",
  disconnect: "Call over",
  cancel: "Stopped ringing",
};
