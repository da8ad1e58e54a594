// @ts-check
/** Who else is in a call, where there is more than one to tell, and who could not be had. */

import { formatAddress } from "../calls/dialling/showing.js";
import { markCause, part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { Conversation } from "../calls/conversations.js"; */
/** @import { Offer } from "../calls/offers.js"; */
/** @import { Party } from "../relay/call-states.js"; */

/** @type {Record<Party["state"], string>} */
const STATES = { ringing: gettext("Ringing…"), talking: gettext("On the line"), held: gettext("On hold"), gone: gettext("Gone") };

const UNCLEAR = "unclear";
/** Twilio tells that a leg has failed, and why a moment later. In a call the page is drawn anew each second. */
const HELD_BACK_MS = 2_000;

export class PartyList {
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();
  /** Who is gone, and since when without a known cause. */
  #unclear = { id: "", since: 0 };

  /**
   * @param {HTMLElement} within
   * @param {(party: string) => void} remove
   */
  constructor(within, remove) {
    this.within = within;
    this.list = part("parties", within);
    this.template = /** @type {HTMLTemplateElement} */ (part("party-template"));
    this.remove = remove;
  }

  /**
   * @param {Conversation} conversation
   * @param {Offer} [offer] Of removing one.
   */
  draw({ parties, failed }, offer) {
    for (const [id, item] of [...this.#items]) {
      if (parties.some((party) => party.id === id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const party of parties) this.#drawOne(party, offer);
    this.#order(parties);
    this.list.hidden = parties.length === 0;
    this.#drawFailed(failed);
  }

  /**
   * @param {Party} party
   * @param {Offer} [offer]
   */
  #drawOne(party, offer) {
    const item = this.#items.get(party.id) ?? this.#add(party.id);
    item.dataset.partyState = party.state;
    setText("party-name", formatAddress(party.name || party.address), item);
    setText("party-state", STATES[party.state], item);
    const button = /** @type {HTMLButtonElement} */ (part("remove", item));
    button.hidden = !offer?.isShown;
    button.disabled = offer?.isDisabled ?? true;
  }

  /** @param {Party} party That nobody knows why is said once it is not to be known a moment later. */
  #isHeldBack({ id, cause }) {
    if (cause !== UNCLEAR) return false;
    const now = performance.now();
    if (this.#unclear.id !== id) this.#unclear = { id, since: now };
    return now - this.#unclear.since < HELD_BACK_MS;
  }

  /** @param {Party[]} parties Nothing is moved that is in its place: what is moved loses the focus. */
  #order(parties) {
    parties.forEach(({ id }, index) => {
      const item = this.#items.get(id);
      const there = this.list.children[index] ?? null;
      if (item && item !== there) this.list.insertBefore(item, there);
    });
  }

  /** @param {string} id */
  #add(id) {
    const copy = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const item = part("party", copy);
    item.dataset.party = id;
    part("party-name", item).id = `party-${id}`;
    part("remove", item).setAttribute("aria-describedby", `party-${id}`);
    part("remove", item).addEventListener("click", () => this.remove(id));
    this.list.append(item);
    this.#items.set(id, item);
    return item;
  }

  /** @param {Party | null} told */
  #drawFailed(told) {
    const failed = told && this.#isHeldBack(told) ? null : told;
    const element = part("call-failed", this.within);
    // It stays where it is without a text: what appears together with its text is not read out.
    markCause(element, failed?.cause ?? "");
    setText("call-failed", failed?.words ?? "", this.within);
  }
}
