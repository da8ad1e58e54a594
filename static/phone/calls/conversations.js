// @ts-check
/**
 * The conversations of this page: what the SDK knows of its calls, joined with what the server knows of them.
 * Two conversations may share one call of the SDK's, which has but one at a time. Pure.
 *
 * @typedef {"connecting" | "ringing" | "open" | "held" | "consulting" | "conference" | "reconnecting"} TalkState
 *
 * @typedef {object} Conversation
 * @property {string} key The same for as long as it lasts.
 * @property {string} callSid By which the server knows it; empty until it does.
 * @property {TalkState} state
 * @property {CallView} line The SDK's call that carries it: its mute, its sound.
 * @property {string} name
 * @property {string} address
 * @property {string} called
 * @property {string} calledName
 * @property {number | null} openedAt Milliseconds, by this browser's clock.
 * @property {Party[]} parties The others, where there is more than one to tell.
 * @property {Party | null} failed Who could not be had, while the call goes on.
 * @property {"off" | "on" | "paused"} recording
 * @property {string[]} can
 * @property {Record<string, string>} cannot
 * @property {boolean} isAside Somebody else has put this person on hold.
 * @property {string} note
 * @property {boolean} isTold The server has told of it.
 * @property {boolean} isShared Another conversation has the same line.
 * @property {boolean} isSpeaking What is said here is heard there.
 */

import { isNumber } from "./dialling/showing.js";
import { gettext, interpolate } from "../../texts.js";

/** @import { CallState, Party } from "../relay/call-states.js"; */
/** @import { CallView } from "./call-state.js"; */

/** The answer is seen here and there within this; further apart, it was another answer. */
const SAME_ANSWER_MS = 10_000;
const TOLD_STATES = ["open", "held", "consulting", "conference"];
/** How a call is drawn that was never answered. */
const IN_VAIN = { state: /** @type {TalkState} */ ("connecting"), openedAt: null };
const NOBODY = gettext("Nobody else is in this call.");
const BROUGHT = ["consulted", "added", "transferred_to"];
/** Nobody failed who was talked to, or was not wanted any more. */
const NO_FAILURES = ["", "answered", "canceled"];

/**
 * @param {object} known
 * @param {CallView[]} known.calls The SDK's.
 * @param {CallState[]} known.states The server's.
 * @param {number} [known.serverAhead] Milliseconds by which the server's clock is ahead of this browser's.
 * @returns {Conversation[]}
 */
export function conversationsOf({ calls, states, serverAhead = 0 }) {
  const lines = calls.filter(({ status }) => status !== "pending" && status !== "closed");
  return lines.flatMap((line) => {
    const all = states.filter(({ legSid }) => legSid && legSid === line.callSid);
    const told = all.filter(({ state }) => state !== "ended");
    if (told.length === 0) return [{ ...untold(line, all.length > 0), ...(isInVain(line, all) && IN_VAIN) }];
    return told.map((state) => join(line, state, { isShared: told.length > 1, serverAhead }));
  });
}

/**
 * Whether the server has to end it: to end its line would not end it for the others, or would end another, too.
 * @param {Pick<Conversation, "isShared" | "state">} conversation
 */
export function isServersToEnd({ isShared, state }) {
  return isShared || state === "conference" || state === "consulting";
}

/**
 * Whether nobody answers any more, and what is heard is Twilio saying so: to the SDK that is an answer. Of one who
 * did not answer it may be the greeting, and a message is left.
 * @param {CallView} line
 * @param {CallState[]} told The server's word of it.
 */
function isInVain({ direction, status }, told) {
  const isOver = told.length > 0 && told.every(({ answeredAt, cause }) => answeredAt === null && cause !== "no_answer");
  return direction === "outgoing" && status === "open" && isOver;
}

/** @param {CallView} line */
function ownSid(line) {
  return line.rungBy || line.callSid;
}

/**
 * @param {CallView} line
 * @param {boolean} isOver The server says so although the line stands: a message is being left in it.
 * @returns {Conversation}
 */
function untold(line, isOver) {
  const { name, address, called, calledName, openedAt } = line;
  return {
    key: line.id,
    callSid: ownSid(line),
    state: stateOf(line, "open"),
    line,
    ...{ name, address, called, calledName, openedAt },
    parties: [],
    failed: null,
    recording: "off",
    can: [],
    cannot: isOver ? { hold: NOBODY, transfer: NOBODY, add: NOBODY } : {},
    isAside: false,
    note: "",
    isTold: false,
    isShared: false,
    isSpeaking: true,
  };
}

/**
 * @param {CallView} line
 * @param {CallState} told
 * @param {{isShared: boolean, serverAhead: number}} more
 * @returns {Conversation}
 */
function join(line, told, { isShared, serverAhead }) {
  const isOwn = told.callSid === ownSid(line);
  const state = stateOf(line, told.state);
  const { recording, note } = told;
  // The page hears of an answer before the server, which does then what it is asked as soon as it hears of it, too.
  const early = line.status === "open" ? told.soon : [];
  return {
    key: isOwn ? line.id : told.callSid,
    callSid: told.callSid,
    state,
    line,
    ...(isOwn && !told.isAnother ? whoOf(line, told) : whoTold(told)),
    openedAt: openedAtOf(line, told, { isOwn, serverAhead }),
    parties: partiesOf(told, state),
    failed: failedOf(told.parties),
    ...{ recording, note },
    can: [...told.can, ...early],
    cannot: Object.fromEntries(Object.entries(told.cannot).filter(([deed]) => !early.includes(deed))),
    isAside: told.parties.some((party) => party.isMe && party.state === "held"),
    isTold: true,
    isShared,
    isSpeaking: !isShared || told.state !== "held",
  };
}

/** @param {CallState} told */
function whoTold({ name, address, called, calledName }) {
  return { name: name || address, address, called, calledName };
}

/**
 * The page knows what was typed, with what is dialled after the answer; the server may know a name for it.
 * @param {CallView} line
 * @param {CallState} told
 */
function whoOf({ name, address, called, calledName }, told) {
  const isNamed = name !== "" && name !== address.replace(/^client:/, "") && !isNumber(name);
  return {
    name: isNamed ? name : told.name || name,
    address: address || told.address,
    called: called || told.called,
    calledName: calledName || told.calledName,
  };
}

/**
 * What is nearer to the page it knows better: whether its line stands. The rest is the server's to tell, which
 * may hear of an answer a little later.
 *
 * @param {CallView} line
 * @param {string} told
 * @returns {TalkState}
 */
function stateOf({ status }, told) {
  if (status === "connecting" || status === "ringing" || status === "reconnecting") return status;
  return TOLD_STATES.includes(told) ? /** @type {TalkState} */ (told) : "open";
}

/**
 * @param {CallView} line
 * @param {CallState} told
 * @param {{isOwn: boolean, serverAhead: number}} more
 */
function openedAtOf({ openedAt }, { answeredAt }, { isOwn, serverAhead }) {
  if (answeredAt === null) return isOwn ? openedAt : null;
  const here = answeredAt - serverAhead;
  const isSame = isOwn && openedAt !== null && Math.abs(here - openedAt) < SAME_ANSWER_MS;
  return isSame ? openedAt : here;
}

/**
 * @param {CallState} told
 * @param {TalkState} state
 */
function partiesOf({ parties }, state) {
  const others = parties.filter((party) => !party.isMe && party.state !== "gone");
  // Who is talked to comes before who waits.
  others.sort((one, other) => Number(one.state === "held") - Number(other.state === "held"));
  return others.length > 1 || state === "consulting" || state === "conference" ? others : [];
}

/**
 * The last of those who were brought into the call, if they are gone again without having been had.
 * @param {Party[]} parties
 * @returns {Party | null}
 */
function failedOf(parties) {
  const last = parties.filter(({ role, isMe }) => BROUGHT.includes(role) && !isMe).at(-1);
  if (!last || last.state !== "gone" || NO_FAILURES.includes(last.cause)) return null;
  return { ...last, words: last.words || interpolate(gettext("%(name)s did not come to the call."), { name: last.name || last.address }) };
}
