// @ts-check
/**
 * Rows of numbers in a contact's form: one more, or one less, without asking the server, which does the same where
 * there is no script. Works for whatever is on the page when it is clicked.
 */

import { gettext, interpolate } from "../texts.js";

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest("[data-contact-form] :is([data-add-row], [data-remove-row])");
  const rows = button?.closest("form")?.querySelector("[data-number-rows]");
  if (!(button instanceof HTMLButtonElement) || !rows) return;
  event.preventDefault();
  if (button.dataset.addRow === undefined) remove(button, rows);
  else add(rows);
});

/** @param {Element} rows */
function add(rows) {
  const last = rows.lastElementChild;
  if (!last) return;
  const row = /** @type {HTMLElement} */ (last.cloneNode(true));
  empty(row);
  rows.append(row);
  row.querySelector("input")?.focus();
}

/**
 * The last one stays, without a number: another is copied from it.
 * @param {HTMLElement} button
 * @param {Element} rows
 */
function remove(button, rows) {
  const row = /** @type {HTMLElement | null} */ (button.closest("[data-number-row]"));
  if (!row) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) row.remove();
  else empty(row);
  /** @type {HTMLElement | null} */ ((next ?? row).querySelector("input"))?.focus();
  const said = rows.closest("form")?.querySelector("[data-rows-said]");
  if (said) said.textContent = interpolate(gettext("Removed. Numbers: %(count)s."), { count: rows.children.length });
}

/** @param {HTMLElement} row */
function empty(row) {
  row.classList.remove("has-error");
  row.querySelector(".field-error")?.remove();
  const field = row.querySelector("input");
  if (!field) return;
  field.value = "";
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}
