// @ts-check
/** The buttons that copy a credential; where the browser forbids that, the value is marked, to be copied by hand. */

export {};

const SHOWN_MS = 2_000;

for (const button of document.querySelectorAll("[data-copies]")) {
  if (button instanceof HTMLButtonElement) button.addEventListener("click", () => void copy(button));
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const isCopied = await tryToCopy(button.dataset.copies ?? "");
  if (!isCopied) mark(button.previousElementSibling);
  say(isCopied ? "Copied." : "This browser does not let the page copy. The value is marked, to be copied by hand.");
  button.textContent = isCopied ? "Copied" : "Marked";
  setTimeout(() => (button.textContent = "Copy"), SHOWN_MS);
}

/** @param {string} text */
async function tryToCopy(text) {
  try {
    // Without https or localhost there is no clipboard at all.
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return false;
    throw error;
  }
}

/** @param {Element | null} element */
function mark(element) {
  if (element) getSelection()?.selectAllChildren(element);
}

/** @param {string} words */
function say(words) {
  const status = document.querySelector('[data-part="copied"]');
  if (status) status.textContent = words;
}
