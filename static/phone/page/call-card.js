// @ts-check
/** The call that has the microphone: with whom, for how long, and how it sounds. */

import { formatAddress } from "../calls/dialling/showing.js";
import { formatDuration, wordsOfCall, wordsOfWarning } from "../calls/words.js";
import { addressBeneath, calledOf, faceOf, part, setText } from "./parts.js";

/** @import { CallView } from "../calls/call-state.js"; */
/** @import { View } from "./view.js"; */

/**
 * @param {View} view
 * @param {CallView | null} active
 */
export function drawCall({ board, now }, active) {
  part("call-card").hidden = !active;
  const isOpen = active?.status === "open" || active?.status === "reconnecting";
  part("mute").hidden = part("keypad").hidden = !isOpen;
  part("levels").hidden = !isOpen || board.isKeypadOpen;
  part("call-digits").hidden = !board.digits;
  setText("call-digits", board.digits);
  if (!active) return;
  part("call-card").dataset.status = active.status;
  setText("call-face", faceOf(active));
  setText("call-name", formatAddress(active.name));
  setText("call-address", addressBeneath(active));
  setText("call-called", calledOf(active) && `to ${calledOf(active)}`);
  const time = active.openedAt === null ? "" : formatDuration(now - active.openedAt);
  setText("call-status", active.status === "open" ? time : wordsOfCall(active, board.microphone));
  part("mute").setAttribute("aria-pressed", String(active.isMuted));
  part("keypad").setAttribute("aria-expanded", String(board.isKeypadOpen));
  part("call-card").classList.toggle("is-muted", active.isMuted);
  const warnings = active.warnings.filter((name) => !(active.isMuted && name.includes("input-level")));
  setText("call-warning", warnings.map(wordsOfWarning).find(Boolean) ?? "");
}

/**
 * @param {number} input 0 to 1
 * @param {number} output 0 to 1
 */
export function drawLevels(input, output) {
  part("input-level").style.setProperty("--level", String(Math.min(1, input * 1.6)));
  part("output-level").style.setProperty("--level", String(Math.min(1, output * 1.6)));
}
