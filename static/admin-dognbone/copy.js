// Copies the text of another part of the page; without a clipboard, that part is shown to be copied by hand.

import { gettext } from "../texts.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => void copy(button));
}

/** @param {Element} button */
async function copy(button) {
  const source = document.getElementById(button.getAttribute("data-copy") ?? "");
  if (!source) return;
  const isCopied = await navigator.clipboard?.writeText(source.textContent ?? "").then(
    () => true,
    () => false,
  );
  if (!isCopied) source.closest("details")?.setAttribute("open", "");
  const told = isCopied ? gettext("Copied.") : gettext("Copy it by hand:");
  if (button.nextElementSibling) button.nextElementSibling.textContent = told;
}
