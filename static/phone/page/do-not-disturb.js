// @ts-check
/** The switch Do not disturb on the handset. It shows what the server has, not what was clicked. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

const NOT_CHANGED = gettext("Not changed: Dog n Bone’s server does not answer.");

export class DoNotDisturb {
  #switch = part("do-not-disturb");
  /** The newest question; an older one's answer is no news. */
  #asked = 0;

  /** @param {(isOn: boolean | null) => Promise<boolean | null>} ask Turns it, or only asks; null: no answer. */
  constructor(ask) {
    this.ask = ask;
    this.#switch.addEventListener("click", () => void this.#turn());
    this.show(this.isOn);
  }

  get isOn() {
    return this.#switch.getAttribute("aria-checked") === "true";
  }

  /** @param {boolean} isOn */
  show(isOn) {
    this.#asked += 1;
    this.#switch.setAttribute("aria-checked", String(isOn));
    setText("do-not-disturb-note", "");
  }

  /** What another page of the person has done while this one could not hear of it. */
  async refresh() {
    const asked = (this.#asked += 1);
    const isOn = await this.ask(null);
    if (isOn !== null && asked === this.#asked) this.show(isOn);
  }

  async #turn() {
    const asked = (this.#asked += 1);
    const isOn = await this.ask(!this.isOn);
    if (asked !== this.#asked) return;
    if (isOn === null) setText("do-not-disturb-note", NOT_CHANGED);
    else this.show(isOn);
  }
}
