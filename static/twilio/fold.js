// @ts-check
/** A fold opens for whoever comes into it by the keyboard, and stays open. Without this script: while they are in it. */

document.addEventListener("focusin", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!target.closest("summary")) target.closest("details.fold")?.setAttribute("open", "");
});
