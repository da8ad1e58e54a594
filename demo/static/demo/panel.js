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

/** @param {{state: string, stateWords?: string, verdict?: string, title?: string}} shown By the phone. */
function drawPhone({ state, stateWords = "", verdict = "", title = "" }) {
  const now = part("now");
  now.textContent = state ? stateWords : "Not open in this browser";
  now.className = `badge ${badges[state] ?? ""}`;
  now.dataset.state = state;
  const words = part("now-verdict");
  words.hidden = !title;
  words.textContent = title;
  for (const row of document.querySelectorAll('[data-part="running"]')) {
    if (row instanceof HTMLElement) drawOutcome(row, state, verdict, title);
  }
}

/**
 * @param {HTMLElement} row
 * @param {string} state
 * @param {string} verdict
 * @param {string} title
 */
function drawOutcome(row, state, verdict, title) {
  const badge = row.querySelector('[data-part="badge"]');
  const outcome = row.querySelector('[data-part="outcome"]');
  if (!badge || !outcome || !state) return;
  const isAsExpected = row.dataset.expected === "ok" ? state === "ready" && !verdict : verdict === row.dataset.expected;
  row.classList.toggle("is-as-expected", isAsExpected);
  badge.className = isAsExpected ? "badge badge-good" : "badge badge-wait";
  badge.textContent = isAsExpected ? "As expected" : "Running";
  outcome.textContent = title ? `The phone says: ${title}.` : state === "ready" ? "The phone is ready." : "The phone says nothing yet.";
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

channel.onmessage = ({ data }) => {
  if (typeof data?.state === "string") drawPhone(data);
};
channel.postMessage({ part: panel.dataset.plays ?? "" });
void keepLooking();
