// @ts-check
/** What the page says of the Device's state, and of what the phone did. Pure. */

import { gettext } from "../../texts.js";

/** @type {Record<string, string>} */
export const stateWords = {
  connecting: gettext("Connecting"),
  ready: gettext("Ready"),
  offline: gettext("Offline"),
  error: gettext("Not connected"),
};

/** @type {Record<string, string>} What the Device does, and what its calls do. */
export const eventWords = {
  ...stateWords,
  incoming: gettext("Rings here"),
  connect: gettext("In a call"),
  disconnect: gettext("Call over"),
  cancel: gettext("Stopped ringing"),
};
