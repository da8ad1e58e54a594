// @ts-check
/** Tells open phones which part to play, shows what they say, and keeps what is on record up to date. */

export {};

const LOOK_EVERY_MS = 1_000;

/** @type {Record<string, string>} */
const badges = { ready: "badge-good", connecting: "badge-wait", offline: "badge-wait", error: "badge-bad" };

const channel = new BroadcastChannel("rehearsal");
const panel = part("panel");

/** @param {string} name */
function part(name) {
  const element = document.querySelector(`[data-part="${name}"]`);
  if (!(element instanceof HTMLElement)) throw new Error(`The panel has no part “${name}”.`);
  return element;
}

/**
 * @param {string} tag
 * @param {string} text
 */
function build(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/**
 * @typedef {object} Shown By the phone.
 * @property {string} state Empty where there is no phone.
 * @property {string} [stateWords]
 * @property {string} [verdict]
 * @property {string} [title]
 * @property {string} [cause] Why the last call is over.
 * @property {string} [causeWords]
 */

let isOpen = false;

/** @param {Shown} shown */
function drawPhone(shown) {
  const { state, stateWords = "", title = "", causeWords = "" } = shown;
  isOpen = state !== "";
  const now = part("now");
  now.textContent = state ? stateWords : "Not open in this browser";
  now.className = `badge ${badges[state] ?? ""}`;
  now.dataset.state = state;
  const words = part("now-verdict");
  words.hidden = !title;
  words.textContent = title;
  const call = part("now-call");
  call.hidden = !causeWords;
  call.textContent = `The last call: ${causeWords}`;
  for (const row of document.querySelectorAll('[data-part="running"]')) {
    if (row instanceof HTMLElement) drawOutcome(row, shown);
  }
}

/**
 * @param {HTMLElement} row
 * @param {Shown} shown
 */
function drawOutcome(row, { state, verdict = "", title = "", cause = "", causeWords = "" }) {
  const badge = row.querySelector('[data-part="badge"]');
  const outcome = row.querySelector('[data-part="outcome"]');
  if (!badge || !outcome || !state) return;
  const isReady = state === "ready" && !verdict;
  const isAsVerdict = row.dataset.expected === "ok" ? isReady : verdict === row.dataset.expected;
  const isAsExpected = row.dataset.ends ? cause === row.dataset.ends : isAsVerdict;
  row.classList.toggle("is-as-expected", isAsExpected);
  badge.className = isAsExpected ? "badge badge-good" : "badge badge-wait";
  badge.textContent = isAsExpected ? "As expected" : "Running";
  if (row.dataset.ends) outcome.textContent = causeWords ? `The phone says: ${causeWords}` : "Now call.";
  else outcome.textContent = title ? `The phone says: ${title}.` : state === "ready" ? "The phone is ready." : "The phone says nothing yet.";
}

async function lookAtTrail() {
  if (document.hidden) return;
  const response = await fetch(panel.dataset.trail ?? "", { headers: { Accept: "application/json" } });
  if (response.redirected || !response.ok) return;
  /** @type {{entries: {at: string, title: string, detail: string, tone: string}[]}} */
  const { entries } = await response.json();
  if (entries.length) part("trail").replaceChildren(...entries.map(buildEntry));
}

/** @param {{at: string, title: string, detail: string, tone: string}} entry */
function buildEntry({ at, title, detail, tone }) {
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleTimeString();
  const line = document.createElement("li");
  line.dataset.tone = tone;
  line.append(time, build("b", title), build("span", detail));
  return line;
}

async function keepLooking() {
  try {
    await lookAtTrail();
  } catch (error) {
    // The server is being restarted: the next look finds it again.
    if (!(error instanceof TypeError)) throw error;
  }
  setTimeout(() => void keepLooking(), LOOK_EVERY_MS);
}

/** An open phone dials; else one is opened, with the number in its field. */
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-dials]") : null;
  if (!(button instanceof HTMLElement)) return;
  const { dials = "", phone = "/" } = button.dataset;
  if (isOpen) channel.postMessage({ dials });
  else window.open(`${phone}?call=${encodeURIComponent(dials)}`, "_blank");
});

channel.onmessage = ({ data }) => {
  if (typeof data?.state === "string") drawPhone(data);
};
channel.postMessage({ part: panel.dataset.plays ?? "" });
void keepLooking();
