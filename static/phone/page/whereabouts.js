// @ts-check
/** Where the phone is, in words, with the button that brings it here; and what a tab shows that is not the phone. */

import { formatAddress } from "../calls/dialling/showing.js";
import { part, setText } from "./parts.js";
import { gettext, interpolate, locale } from "../../texts.js";

/** @import { CallView } from "../calls/call-state.js"; */
/** @import { Board } from "../calls/switchboard.js"; */
/** @import { Where } from "../tabs/place.js"; */
/** @import { View } from "./view.js"; */

/**
 * @typedef {object} Known
 * @property {Board} board
 * @property {boolean} canCall
 * @property {number} serverAhead
 */

/**
 * @param {object} known
 * @param {Known} known.own
 * @param {Partial<Known> | null} known.told By the tab that is the phone; null where this one is.
 * @returns {Known}
 */
export function showIn({ own, told }) {
  const { board, canCall, serverAhead } = { ...own, ...told };
  // Why nobody is called is said where it was typed.
  const { notice, ending } = own.board.notice ? own.board : board;
  return { board: { ...board, notice, ending }, canCall, serverAhead };
}

/**
 * What stands beside the phone's state.
 * @param {Where} where
 */
export function wordsBeside({ kind, elsewhere, hasSpares }) {
  if (kind === "tab") return `· ${gettext("in another tab")}`;
  if (kind === "browser") return `· ${wordsOfPlace(elsewhere)}`;
  return kind === "here" && hasSpares ? `· ${gettext("in this tab")}` : "";
}

/**
 * @param {Pick<View, "where" | "board" | "serverAhead">} view
 * @returns {string} Where the phone is, if it is not here; empty if it is.
 */
export function wordsOfWhere({ where, board, serverAhead }) {
  const { kind, elsewhere, move } = where;
  if (move === "coming") return gettext("The phone is coming to this tab…");
  if (kind === "browser") return wordsOfBrowser(elsewhere, board.calls.length > 0, serverAhead);
  if (kind === "here") return "";
  if (move === "waiting") return gettext("The call stays where its sound is. Once it is over, the phone comes to this tab.");
  if (move === "failed") return gettext("The phone could not come to this tab. It is still in the other one.");
  const ringing = board.calls.find(({ status }) => status === "pending");
  if (ringing) return interpolate(gettext("%(name)s is calling: it rings in another tab."), { name: nameOf(ringing) });
  return board.calls.length > 0
    ? gettext("The call is in another tab, and so is its sound.")
    : gettext("The phone is in another tab.");
}

/**
 * @param {Where["elsewhere"]} elsewhere
 * @param {boolean} isInCall
 * @param {number} serverAhead
 */
function wordsOfBrowser(elsewhere, isInCall, serverAhead) {
  const where = elsewhere?.where || gettext("another browser or on another machine");
  const { since = null } = elsewhere ?? {};
  if (isInCall) return interpolate(gettext("The phone has gone to %(where)s. This call stays here until it is over."), { where });
  if (since === null) return interpolate(gettext("The phone is in %(where)s."), { where });
  return interpolate(gettext("The phone is in %(where)s, since %(time)s."), { where, time: timeOf(since - serverAhead) });
}

/** @param {Where["elsewhere"]} elsewhere */
function wordsOfPlace(elsewhere) {
  return interpolate(gettext("in %(where)s"), { where: elsewhere?.where || gettext("another browser") });
}

/** @param {number} at Of another day with the day. */
function timeOf(at) {
  const date = new Date(at);
  const time = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.toLocaleDateString(locale)}, ${time}`;
}

/** @param {CallView} call */
function nameOf({ name }) {
  return formatAddress(name) || gettext("Somebody");
}

/**
 * Whoever wants only one device to ring means the one on which they say so: the form names its phone, before anything
 * reads the form.
 * @param {() => string} getPhone The page session of this browser's phone.
 */
export function namePhoneInSettings(getPhone) {
  for (const moment of ["change", "submit"]) {
    document.addEventListener(
      moment,
      () => {
        const field = document.querySelector('#pane [data-part="phone-page"]');
        if (field instanceof HTMLInputElement) field.value = getPhone();
      },
      { capture: true },
    );
  }
}

/**
 * Whether the words of where the phone is say more than the phone's status does, which is read out by itself.
 * @param {Pick<View, "where" | "board">} view
 */
export function isMoreThanStatus({ where, board }) {
  return where.move !== "" || board.calls.length > 0;
}

/** @param {View} view */
export function drawWhere(view) {
  const words = wordsOfWhere(view);
  // Before the words, which are read out as it says by then.
  part("elsewhere-words").setAttribute("aria-live", isMoreThanStatus(view) ? "polite" : "off");
  const { move } = view.where;
  part("elsewhere").hidden = words === "";
  setText("elsewhere-words", words);
  part("use-here").hidden = move === "coming" || move === "waiting";
}
