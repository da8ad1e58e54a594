// @ts-check
/** A form that takes a moment says so, and is not sent twice. Without this script it works all the same. */

/** @param {Event} event */
function formOf({ target }) {
  return /** @type {Element} */ (target).closest("form[data-busy]");
}

// On its way down: before anybody sends it.
document.addEventListener(
  "submit",
  (event) => {
    if (!formOf(event)?.hasAttribute("data-submitted")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

document.addEventListener("submit", (event) => {
  formOf(event)?.setAttribute("data-submitted", "");
  if (formOf(event)) event.submitter?.setAttribute("aria-busy", "true");
});

// A page that comes back from the browser's memory is not waiting for anything, nor is one that was answered.
for (const ended of ["pageshow", "htmx:afterRequest"]) {
  addEventListener(ended, () => {
    for (const form of document.querySelectorAll("form[data-submitted]")) form.removeAttribute("data-submitted");
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
}
