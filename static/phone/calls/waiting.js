// @ts-check
/**
 * Calls that ring here: what the SDK knows of them, joined with what the server knows. Pure.
 *
 * @typedef {object} Waiting
 * @property {CallView} call
 * @property {string} callSid By which the server knows it.
 * @property {string[]} can
 * @property {Record<string, string>} cannot
 */

/** @import { CallState } from "../relay/call-states.js"; */
/** @import { CallView } from "./call-state.js"; */
/** @import { Conversation } from "./conversations.js"; */

/**
 * Those that ring here and are in no conversation yet: one that is joined on the server goes on ringing for a
 * moment longer.
 *
 * @param {CallView[]} calls
 * @param {CallState[]} states
 * @param {Conversation[]} conversations
 * @returns {Waiting[]}
 */
export function waitingOf(calls, states, conversations) {
  const ringing = calls.filter(({ status }) => status === "pending");
  return ringing
    .map((call) => {
      const told = states.find(({ callSid, legSid }) => callSid === call.rungBy || (legSid && legSid === call.callSid));
      const callSid = call.rungBy || told?.callSid || "";
      return { call, callSid, can: told?.can ?? [], cannot: told?.cannot ?? {} };
    })
    // A ring that has followed its person from another page rings beside the one that was here before.
    .filter(({ callSid }, index, all) => !callSid || all.findIndex((one) => one.callSid === callSid) === index)
    .filter(({ callSid }) => !callSid || !conversations.some((one) => one.isTold && one.callSid === callSid));
}
