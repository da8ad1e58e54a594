// @ts-check
/** The page that stands for any other while the network is away: opens that one as soon as it is back. */

import { gettext } from "../texts.js";

const TRY_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 4_000;

const script = document.getElementById("offline");
const alive = script?.dataset.alive ?? "/";
const words = document.querySelector("[data-part='trying']");
const STILL = gettext("Still no answer. It tries again by itself, and opens as soon as the network is back.");

/** @param {boolean} isAsked */
async function tryAgain(isAsked) {
  try {
    const answer = await fetch(alive, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    // Whatever the server says then, it says it better.
    if (answer.status < 502) return location.reload();
  } catch {
    // Still away.
  }
  if (isAsked && words) words.textContent = STILL;
}

addEventListener("online", () => void tryAgain(false));
document.querySelector("[data-part='try']")?.addEventListener("click", () => void tryAgain(true));
setInterval(() => void tryAgain(false), TRY_EVERY_MS);
