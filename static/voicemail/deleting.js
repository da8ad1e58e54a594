// @ts-check
/**
 * Deleting a message: it is gone at once, and for some seconds can be had back. Works for whatever is on the
 * page when it is clicked.
 */

import { gettext, interpolate } from "../texts.js";

const SECOND_THOUGHTS = 10_000;
/** From then on the sound is deleted at Twilio (`phone/voicemail/mailbox.py`), and nothing can be had back. */
const FOR_GOOD = 15_000;

/** What stands in the place of a message that was deleted. @type {WeakMap<Element, Element>} */
const deleted = new WeakMap();

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const message = event.target.closest("[data-voicemail]");
  if (message && event.target.closest("[data-delete-message]")) void remove(message);
  const line = event.target.closest("[data-deleted]");
  if (line && event.target.closest("[data-take-back]")) void takeBack(line);
  if (line && event.target.closest("[data-for-everybody]")) void removeForEverybody(line);
});

/** @param {Element} message */
async function remove(message) {
  message.querySelector("audio")?.pause();
  const answer = await post(message.getAttribute("data-delete"));
  if (answer.trouble) return say(message, answer.trouble);
  const others = /** @type {string[]} */ (answer.body?.others ?? []);
  const line = buildLine(others);
  deleted.set(line, message);
  message.replaceWith(line);
  /** @type {HTMLElement | null} */ (line.querySelector("button"))?.focus();
  announce(line, line.querySelector("span")?.textContent ?? "");
  setTimeout(() => forget(line), SECOND_THOUGHTS);
  if (others.length === 0) setTimeout(() => settle(line), FOR_GOOD);
}

/** @param {string[]} others */
function buildLine(others) {
  const line = document.createElement("li");
  line.className = "message-deleted";
  line.dataset["deleted"] = "";
  const words = document.createElement("span");
  words.textContent = others.length ? wordsOfOthers(others) : gettext("Deleted. In a few seconds it goes at Twilio, too.");
  line.append(words, buildButton(gettext("Undo"), "takeBack"));
  if (others.length) line.append(buildButton(gettext("Delete for everybody"), "forEverybody"));
  return line;
}

/** @param {string[]} others Who have the message still. */
function wordsOfOthers(others) {
  if (others.length === 1) return interpolate(gettext("Deleted for you; %(name)s has it still."), { name: others[0] ?? "" });
  return interpolate(gettext("Deleted for you; %(count)s others have it still."), { count: others.length });
}

/**
 * @param {string} name
 * @param {string} mark
 */
function buildButton(name, mark) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-quiet button-small";
  button.textContent = name;
  button.dataset[mark] = "";
  return button;
}

/** @param {Element} line */
async function takeBack(line) {
  const message = deleted.get(line);
  if (!message) return;
  const answer = await post(message.getAttribute("data-undo"));
  if (answer.trouble) return tell(line, answer.trouble);
  line.replaceWith(message);
  /** @type {HTMLElement | null} */ (message.querySelector("button"))?.focus();
  announce(message, gettext("The message is back."));
}

/** @param {Element} line */
async function removeForEverybody(line) {
  const message = deleted.get(line);
  if (!message) return;
  const answer = await post(message.getAttribute("data-delete"), { for: "everybody" });
  if (answer.trouble) return tell(line, answer.trouble);
  tell(line, gettext("Deleted for everybody. In a few seconds it goes at Twilio, too."));
  line.querySelector("[data-for-everybody]")?.remove();
  line.querySelector("[data-take-back]")?.remove();
  setTimeout(() => settle(line), FOR_GOOD);
}

/** What stands there still cannot be taken back any more; whoever is at its button stays in its place. @param {Element} line */
function settle(line) {
  if (!(line instanceof HTMLElement) || !line.isConnected) return;
  const button = line.querySelector("[data-take-back]");
  if (button?.contains(document.activeElement)) {
    line.tabIndex = -1;
    line.focus();
  }
  button?.remove();
  tell(line, gettext("Deleted for good."));
}

/** The time for second thoughts is over. @param {Element} line */
function forget(line) {
  if (!line.isConnected || line.contains(document.activeElement)) {
    if (line.isConnected) setTimeout(() => forget(line), SECOND_THOUGHTS);
    return;
  }
  const list = line.parentElement;
  line.remove();
  if (list && list.children.length === 0) announce(list, gettext("No messages are left."));
}

/**
 * @param {string | null} address
 * @param {Record<string, string>} fields
 * @returns {Promise<{trouble: string, body?: any}>}
 */
async function post(address, fields = {}) {
  const token = /** @type {RegExpMatchArray | null} */ (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/));
  try {
    const response = await fetch(address ?? "", {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": token?.[1] ?? "" },
    });
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    const body = isJson ? await response.json() : {};
    if (response.ok && isJson) return { trouble: "", body };
    return { trouble: body.words ?? gettext("That did not work. Load the page again and try once more.") };
  } catch (error) {
    // TypeError is what fetch throws for a lost network.
    if (!(error instanceof TypeError)) throw error;
    return { trouble: gettext("Dog n Bone’s server cannot be reached. Try again in a moment.") };
  }
}

/**
 * @param {Element} message
 * @param {string} text
 */
function say(message, text) {
  const player = message.querySelector("[data-player]");
  const place = message.querySelector('[data-part="trouble"]');
  player?.toggleAttribute("hidden", false);
  if (!place) return announce(message, text);
  place.textContent = text;
  place.toggleAttribute("hidden", false);
}

/**
 * @param {Element} line
 * @param {string} text
 */
function tell(line, text) {
  const words = line.querySelector("span");
  if (words) words.textContent = text;
  announce(line, text);
}

/**
 * Says it once to who listens to the page.
 * @param {Element} near
 * @param {string} text
 */
function announce(near, text) {
  const place = near.closest('[data-part="voicemail"]')?.querySelector('[data-part="voicemail-said"]');
  if (place) place.textContent = text;
}
