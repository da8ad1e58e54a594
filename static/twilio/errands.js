// @ts-check
/** What is still being done at Twilio, shown as it becomes done. Without this script: when the page is loaded again. */

import { nameDeed } from "../told.js";
import { readPage } from "../trusted.js";

const PARTS = ["errands", "numbers"];
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

let isWatching = false;

// Beside the phone, the page comes when it is asked for.
document.addEventListener("pane-shown", () => void watch());
void watch();

async function watch() {
  if (isWatching) return;
  isWatching = true;
  for (let pause = FIRST_PAUSE; isWaiting(); pause = Math.min(pause * 1.3, LONGEST_PAUSE)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    await look();
  }
  isWatching = false;
}

function isWaiting() {
  return document.querySelector("[data-part='errands'][data-waiting]") !== null;
}

/** Takes the two parts over from the page as it is now; a server that does not answer changes nothing. */
async function look() {
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html", ...nameDeed() } });
    if (!response.ok || response.redirected) return;
    const now = await readPage(response);
    for (const name of PARTS) replace(name, now);
  } catch (error) {
    // TypeError is what fetch throws for a lost network.
    if (!(error instanceof TypeError)) throw error;
  }
}

/**
 * @param {string} name
 * @param {Document} now
 */
function replace(name, now) {
  const part = document.querySelector(`[data-part="${name}"]`);
  const fresh = now.querySelector(`[data-part="${name}"]`);
  if (!part || !fresh || part.textContent === fresh.textContent) return;
  // Its contents, not itself: what a screen reader has been told to listen to stays.
  part.replaceChildren(...fresh.childNodes);
  for (const name of ["data-waiting", "hidden"]) part.toggleAttribute(name, fresh.hasAttribute(name));
}
