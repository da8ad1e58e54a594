// @ts-check
/**
 * htmx, which comes once the phone is ready or has had its time. What is pressed before it is here is kept, and
 * pressed once more then: the page is not to be loaded anew for it.
 */

/** What htmx would take, which is not here yet. */
const BOOSTED = '[hx-boost="true"]';

/** @returns {boolean} */
function isHere() {
  return Reflect.has(globalThis, "htmx");
}

/** @param {Event} event */
function isBoosted({ target }) {
  return target instanceof Element && target.closest("[hx-boost]")?.matches(BOOSTED) === true;
}

export class Htmx {
  /** Presses once more what was pressed last. */
  #again = () => {};
  #isGivenUp = false;

  constructor() {
    document.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    document.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
  }

  /** @param {string} address */
  fetch(address) {
    const add = () => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", () => this.#again());
      script.addEventListener("error", () => {
        this.#isGivenUp = true;
        this.#again();
      });
      document.head.append(script);
    };
    // Where the page is read and not complete, htmx would wait for ever for it to be read.
    if (document.readyState === "complete") add();
    else addEventListener("load", add, { once: true });
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isOurs = link?.origin === location.origin && !link.target && !link.download && !link.hash;
    if (link && isOurs && isPlain) this.#keep(event, () => link.click());
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    const form = event.target;
    if (form instanceof HTMLFormElement) this.#keep(event, () => form.requestSubmit(event.submitter));
  }

  /**
   * @param {Event} event
   * @param {() => void} again
   */
  #keep(event, again) {
    if (isHere() || this.#isGivenUp || !isBoosted(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#again = again;
  }
}
