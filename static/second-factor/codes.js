// @ts-check
/** Recovery codes on the clipboard, one a line; where there is none, they are read off the page. */
import { gettext } from "../texts.js";

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-copy-codes]"));
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const codes = [...document.querySelectorAll("[data-codes] li")].map((line) => line.textContent);
    await navigator.clipboard.writeText(codes.join("\n"));
    button.textContent = gettext("Copied");
  });
}
