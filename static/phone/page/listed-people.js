// @ts-check
/**
 * Has the lists of people that are shown follow who comes, goes or is renamed: each is asked for anew at the address
 * that it names. Not under the hands of somebody who has opened a line of it, or types: once they are done.
 *
 * @typedef {(url: string, part: string) => Promise<void>} Renew Puts the element `part` of the page at `url` in
 *   the place of the one that is shown.
 */

const LISTS = "[data-listed-at]";
/** A list that comes within that time may have left the server before the news. */
const ON_ITS_WAY_MS = 10_000;

export class ListedPeople {
  /** The lists that are no more as they are shown. @type {Set<Element>} */
  #stale = new Set();
  #isAsking = false;
  #heardAt = -Infinity;

  /**
   * @param {object} options
   * @param {Renew} options.renew
   * @param {() => void} options.renewed A list has come that is as things are now.
   */
  constructor({ renew, renewed }) {
    this.renew = renew;
    this.renewed = renewed;
    document.addEventListener("pane-shown", () => {
      if (performance.now() - this.#heardAt < ON_ITS_WAY_MS) this.#mark();
    });
    document.addEventListener("htmx:beforeSwap", (event) => this.#comes(/** @type {CustomEvent} */ (event).detail));
    // Whoever was at it may be done.
    document.addEventListener("focusout", () => setTimeout(() => void this.#look()));
    document.addEventListener("toggle", () => void this.#look(), { capture: true });
  }

  /** Somebody has come or gone, or is called otherwise. */
  heard() {
    this.#heardAt = performance.now();
    this.#mark();
  }

  #mark() {
    for (const list of document.querySelectorAll(LISTS)) this.#stale.add(list);
    void this.#look();
  }

  async #look() {
    const list = [...this.#stale].find((one) => one.isConnected && !isInUse(one));
    for (const one of this.#stale) if (!one.isConnected) this.#stale.delete(one);
    if (!(list instanceof HTMLElement) || this.#isAsking) return;
    this.#isAsking = true;
    this.#stale.delete(list);
    try {
      await this.#renew(list);
    } finally {
      this.#isAsking = false;
    }
    await this.#look();
  }

  /**
   * Somebody may have begun with the list since it was asked for.
   * @param {{target: Element, shouldSwap: boolean}} detail
   */
  #comes(detail) {
    const { target } = detail;
    if (!(target instanceof HTMLElement) || target.dataset.listedAt === undefined || !isInUse(target)) return;
    detail.shouldSwap = false;
    this.#stale.add(target);
  }

  /** @param {HTMLElement} list */
  async #renew(list) {
    const held = list.contains(document.activeElement) ? document.activeElement : null;
    const whose = held instanceof HTMLElement ? held.dataset.email : "";
    await this.renew(list.dataset.listedAt ?? "", `#${list.id}`).catch(() => undefined);
    const again = whose ? document.querySelector(`#${list.id} [data-email="${CSS.escape(whose)}"]`) : null;
    if (again instanceof HTMLElement) again.focus();
    this.renewed();
  }
}

/** @param {Element} list */
function isInUse(list) {
  if (list.querySelector("details[open]")) return true;
  const fields = [...list.querySelectorAll("input:not([type=hidden]), select, textarea")];
  return fields.some((field) => field === document.activeElement || isTyped(field));
}

/** @param {Element} field */
function isTyped(field) {
  return field instanceof HTMLInputElement && field.type !== "checkbox" && field.type !== "radio" && field.value !== field.defaultValue;
}
