// @ts-check
/** A fold opens for whoever comes into it by the keyboard, and stays open. Without this script: while they are in it. */

for (const fold of document.querySelectorAll("details.fold")) {
  fold.addEventListener("focusin", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("summary"))) fold.setAttribute("open", "");
  });
}
