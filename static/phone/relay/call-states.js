// @ts-check
/**
 * What the server says of a person's calls, read from its frames and answers: what is missing or of another kind
 * becomes nothing, so that one odd call leaves the others as they are.
 *
 * @typedef {"ringing" | "talking" | "held" | "gone"} PartyState
 *
 * @typedef {object} Party One leg of a call, as people see it.
 * @property {string} id
 * @property {string} name
 * @property {string} address
 * @property {string} role
 * @property {PartyState} state
 * @property {boolean} isMe
 * @property {string} cause Why it is gone.
 * @property {string} words The same for people.
 *
 * @typedef {object} CallState
 * @property {string} callSid The Call's, by which the server is asked to do something to it.
 * @property {string} legSid This person's own leg in it; empty for none.
 * @property {"incoming" | "outgoing"} direction
 * @property {string} name
 * @property {string} address
 * @property {string} called
 * @property {string} calledName
 * @property {string} state connecting, ringing, open, held, consulting, conference or ended.
 * @property {number | null} answeredAt Milliseconds, by the server's clock.
 * @property {Party[]} parties
 * @property {"off" | "on" | "paused"} recording
 * @property {boolean} isMoved Its sound goes by way of a conference, whatever its state is by now.
 * @property {string[]} can Deeds that are possible now.
 * @property {Record<string, string>} cannot Why others are not, for people.
 * @property {string[]} soon Deeds that are possible once the server has heard of the answer, for which it waits.
 * @property {boolean} isAnother At the other end is somebody else than when the line was made.
 * @property {string} cause Why it is over, by its slug; empty while that is not known.
 * @property {string} note
 */

const PARTY_STATES = ["ringing", "talking", "held", "gone"];
const RECORDINGS = ["on", "paused"];

/**
 * @param {any} frame
 * @returns {CallState[]}
 */
export function readCallStates(frame) {
  return listOf(frame?.calls).map(readCallState).filter((state) => state !== null);
}

/**
 * @param {any} told
 * @returns {CallState | null} Null for what is no call.
 */
export function readCallState(told) {
  if (!told || typeof told !== "object" || !textOf(told.call_sid)) return null;
  const answeredAt = Date.parse(textOf(told.answered_at));
  return {
    callSid: told.call_sid,
    legSid: textOf(told.leg_sid),
    direction: told.direction === "incoming" ? "incoming" : "outgoing",
    name: textOf(told.name),
    address: textOf(told.address),
    called: textOf(told.called),
    calledName: textOf(told.called_name),
    state: textOf(told.state),
    answeredAt: Number.isNaN(answeredAt) ? null : answeredAt,
    parties: listOf(told.parties).map(readParty),
    recording: RECORDINGS.includes(told.recording) ? told.recording : "off",
    isMoved: told.is_moved === true,
    can: listOf(told.can).map(textOf),
    soon: listOf(told.soon).map(textOf),
    isAnother: told.is_another === true,
    cannot: Object.fromEntries(Object.entries(told.cannot ?? {}).map(([deed, why]) => [deed, textOf(why)])),
    cause: textOf(told.cause),
    note: textOf(told.note),
  };
}

/**
 * @param {any} told
 * @returns {Party}
 */
function readParty(told) {
  return {
    id: textOf(told?.id),
    name: textOf(told?.name),
    address: textOf(told?.address),
    role: textOf(told?.role),
    state: PARTY_STATES.includes(told?.state) ? told.state : "gone",
    isMe: told?.is_me === true,
    cause: textOf(told?.cause),
    words: textOf(told?.words),
  };
}

/** @param {unknown} told */
function textOf(told) {
  return typeof told === "string" ? told : "";
}

/**
 * @param {unknown} told
 * @returns {any[]}
 */
function listOf(told) {
  return Array.isArray(told) ? told : [];
}
