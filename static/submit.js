// @ts-check
/** A form that takes a moment says so, and is not sent twice. Without this script it works all the same. */

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    const submitter = /** @type {SubmitEvent} */ (event).submitter;
    if (form.hasAttribute("data-submitted")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-submitted", "");
    submitter?.setAttribute("aria-busy", "true");
  });
}

// A page that comes back from the browser's memory is not waiting for anything.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-submitted]")) form.removeAttribute("data-submitted");
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
