// @ts-check
/**
 * What a call is doing, and what each of the SDK's events makes of it. Knows neither page nor SDK.
 *
 * @typedef {"connecting" | "pending" | "ringing" | "open" | "reconnecting" | "closed"} CallStatus
 *
 * @typedef {object} CallView One call, as the page draws it.
 * @property {string} id
 * @property {"incoming" | "outgoing"} direction
 * @property {CallStatus} status
 * @property {string} name Who is at the other end, for people.
 * @property {string} address Number or Twilio address at the other end; may equal the name, and is empty
 *   for a caller who withholds it.
 * @property {string} called Which number of ours was called; empty for none.
 * @property {string} calledName What the account calls that number; may be empty.
 * @property {boolean} isEcho There is nobody at the other end: whoever speaks hears themselves.
 * @property {string} callSid Twilio's name of this page's own leg; empty until it has one.
 * @property {string} rungBy The Call that rings or rang this page, by Twilio's name; empty for one made here.
 * @property {string} attestation What the caller's carrier vouches for, in words; empty for nothing known.
 * @property {number} begunAt Milliseconds, when it began to ring or was placed.
 * @property {number | null} openedAt Milliseconds, when both ends could first speak.
 * @property {boolean} isMuted
 * @property {string[]} warnings The SDK's names of what is wrong with the sound right now.
 * @property {{code: number | null, originalCode: number | null, at: number} | null} error The last of this call.
 * @property {number | null} reconnectCode The SDK's, why it reconnects, or last did.
 * @property {string} lastEvent
 *
 * @typedef {object} CallEvent
 * @property {string} event As the SDK spells it.
 * @property {number} at Milliseconds.
 * @property {string} [callSid]
 * @property {boolean} [isMuted]
 * @property {string} [warning]
 * @property {number | null} [code]
 * @property {number | null} [originalCode] The gateway's own, which says more.
 */

/** @type {Record<CallStatus, Record<string, CallStatus>>} */
export const transitions = {
  connecting: { ringing: "ringing", accept: "open", cancel: "closed", reject: "closed", disconnect: "closed" },
  pending: { accept: "open", cancel: "closed", reject: "closed", disconnect: "closed" },
  ringing: { accept: "open", cancel: "closed", reject: "closed", disconnect: "closed" },
  open: { reconnecting: "reconnecting", disconnect: "closed" },
  reconnecting: { reconnected: "open", disconnect: "closed" },
  closed: {},
};

/**
 * The status after an event; an event that the status does not expect changes nothing.
 * @param {CallStatus} status
 * @param {string} event
 * @returns {CallStatus}
 */
export function nextStatus(status, event) {
  return transitions[status][event] ?? status;
}

/**
 * @param {{id: string, direction: "incoming" | "outgoing", name: string, address: string, called?: string,
 *   calledName?: string, isEcho?: boolean, attestation?: string, callSid?: string, rungBy?: string, begunAt?: number}} call
 * @returns {CallView}
 */
export function makeCall({ id, direction, name, address, ...more }) {
  const { called = "", calledName = "", isEcho = false, attestation = "", callSid = "", rungBy = "", begunAt = 0 } = more;
  return {
    id,
    direction,
    status: direction === "incoming" ? "pending" : "connecting",
    name,
    address,
    called,
    calledName,
    isEcho,
    attestation,
    callSid,
    rungBy,
    begunAt,
    openedAt: null,
    isMuted: false,
    warnings: [],
    error: null,
    reconnectCode: null,
    lastEvent: "",
  };
}

/**
 * @param {CallView} call
 * @param {CallEvent} event
 * @returns {CallView}
 */
export function changeCall(call, { event, at, callSid, isMuted, warning = "", code = null, originalCode = null }) {
  const status = nextStatus(call.status, event);
  const others = call.warnings.filter((name) => name !== warning);
  return {
    ...call,
    status,
    callSid: callSid || call.callSid,
    openedAt: status === "open" ? (call.openedAt ?? at) : call.openedAt,
    isMuted: event === "mute" && isMuted !== undefined ? isMuted : call.isMuted,
    warnings:
      event === "warning" ? [...others, warning] : event === "warning-cleared" ? others : call.warnings,
    error: event === "error" ? { code, originalCode, at } : call.error,
    reconnectCode: event === "reconnecting" ? code : call.reconnectCode,
    lastEvent: event,
  };
}

/**
 * The call that has the microphone: the one that is not waiting to be answered.
 * @param {CallView[]} calls
 * @returns {CallView | null}
 */
export function activeCall(calls) {
  return calls.find(({ status }) => status !== "pending" && status !== "closed") ?? null;
}
