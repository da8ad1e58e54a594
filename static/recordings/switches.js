// @ts-check
/** Switches that are kept as soon as they are turned. Without this script they have a button. */

document.addEventListener("change", (event) => {
  const field = event.target;
  const form = field instanceof HTMLInputElement ? field.closest("[data-switch-form]") : null;
  if (field instanceof HTMLInputElement && form instanceof HTMLFormElement) void keep(field, form);
});

/**
 * @param {HTMLInputElement} field
 * @param {HTMLFormElement} form
 */
async function keep(field, form) {
  const wanted = field.checked;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true" },
    });
    if (!response.ok || response.redirected) throw new TypeError("not kept");
    replace(form, await response.text(), field.id);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // It shows what is kept, not what was meant.
    field.checked = !wanted;
    field.setAttribute("aria-invalid", "true");
    const help = document.getElementById(field.getAttribute("aria-describedby") ?? "");
    if (help) help.textContent = "This could not be kept. Try again.";
  }
}

/**
 * Takes over the section as it is now, with the focus where it was.
 * @param {HTMLFormElement} form
 * @param {string} html
 * @param {string} focused
 */
function replace(form, html, focused) {
  const section = form.closest("[data-part]");
  const part = `[data-part="${section?.getAttribute("data-part")}"]`;
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(part);
  if (!section || !fresh) return;
  section.replaceWith(fresh);
  document.getElementById(focused)?.focus();
}
