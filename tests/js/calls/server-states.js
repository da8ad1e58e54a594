/** Calls as the server tells of them, read as the page reads them. */

import { readCallState } from "../../../static/phone/relay/call-states.js";

/** A frame's call: Carol on the line, in the words of the server. */
export function tell(more = {}) {
  return {
    ...{ call_sid: "CA1", leg_sid: "CA1", direction: "outgoing", name: "Carol", address: "+12025550170" },
    ...{ called: "", called_name: "", state: "open", answered_at: "2026-03-01T10:00:00+00:00", parties: [] },
    ...{ recording: "off", is_moved: false, can: ["hold"], cannot: {}, soon: [], is_another: false, note: "" },
    ...more,
  };
}

export function told(more = {}) {
  return readCallState(tell(more));
}

/** A leg's row, as a party of a frame's call. */
export function party(id, more = {}) {
  const usual = { name: id, address: "", role: "called", state: "talking", is_me: false, cause: "", words: "" };
  return { id, ...usual, ...more };
}
