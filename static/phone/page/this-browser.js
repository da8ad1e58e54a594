// @ts-check
/** The settings' section on this browser: what only it can be asked for, so what it cannot do is not offered. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";
import { tell } from "../../told.js";

/** @import { Waking } from "./waking.js"; */

const INSTALLED = gettext("The phone is installed on this machine.");
const ASKED = gettext("The browser has been asked. It may want you to agree beside the address.");
const NOT_GIVEN = gettext("The browser does not let a page open telephone links here.");
const ON = gettext("A call wakes this browser from now on.");
const OFF = gettext("No call wakes this browser any more.");

export class ThisBrowser {
  /** How the browser offers to install the phone. @type {any} */
  #offer = null;

  /** @param {Waking} waking */
  constructor(waking) {
    this.waking = waking;
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#offer = event;
      this.#draw();
    });
    addEventListener("appinstalled", () => {
      this.#offer = null;
      this.#say("install-said", INSTALLED);
      this.#draw();
    });
    document.addEventListener("pane-shown", () => this.#shown());
    this.#shown();
  }

  get #section() {
    return document.querySelector("#pane [data-part='this-browser']");
  }

  #shown() {
    const section = this.#section;
    if (!(section instanceof HTMLElement) || section.dataset.isFollowed !== undefined) return;
    section.dataset.isFollowed = "";
    part("install", section).addEventListener("click", () => void this.#install());
    part("open-links", section).addEventListener("click", () => this.#openLinks());
    const wake = section.querySelector("[data-part='wake']");
    wake?.addEventListener("change", (event) => void this.#turned(/** @type {HTMLInputElement} */ (event.target)));
    this.#draw();
  }

  #draw() {
    const section = this.#section;
    if (!section) return;
    part("install-part", section).hidden = this.#offer === null;
    part("links-part", section).hidden = !("registerProtocolHandler" in navigator);
    void this.#drawWaking(section);
  }

  /** @param {Element} section */
  async #drawWaking(section) {
    const wake = section.querySelector("[data-part='wake']");
    if (!(wake instanceof HTMLInputElement)) return;
    const isPossible = "PushManager" in window && "Notification" in window && "serviceWorker" in navigator;
    part("wake-cannot", section).hidden = isPossible;
    wake.disabled = !isPossible;
    if (isPossible) wake.checked = await this.waking.isOn();
  }

  /** @param {HTMLInputElement} wake It shows what is so, not what was meant. */
  async #turned(wake) {
    const isOn = wake.checked;
    wake.disabled = true;
    const fault = await (isOn ? this.waking.turnOn() : this.waking.turnOff());
    wake.disabled = false;
    wake.checked = fault ? !isOn : isOn;
    this.#say("wake-said", fault);
    if (!fault) tell([{ words: isOn ? ON : OFF }]);
  }

  async #install() {
    const offer = this.#offer;
    // It can be used once.
    this.#offer = null;
    await offer?.prompt();
    this.#draw();
  }

  #openLinks() {
    try {
      navigator.registerProtocolHandler("tel", `${location.origin}/?call=%s`);
      this.#say("links-said", ASKED);
    } catch {
      this.#say("links-said", NOT_GIVEN);
    }
  }

  /**
   * @param {string} name
   * @param {string} words
   */
  #say(name, words) {
    if (this.#section) setText(name, words, this.#section);
  }
}
