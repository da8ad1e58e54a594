// @ts-check
/**
 * Whether a call may wake this browser while the phone is closed: what the browser says to it, and what its person
 * has chosen here. The choice is theirs alone: whoever signs in next in this browser has made none.
 */

import { gettext } from "../../texts.js";

/**
 * @typedef {object} PushHandlers
 * @property {string} key The server's own; empty where it wakes nobody.
 * @property {string} identity Whose phone this is.
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage
 * @property {() => Promise<ServiceWorkerRegistration | null>} ready The worker, once it is there; null: never.
 * @property {() => Promise<NotificationPermission>} askPermission
 * @property {() => boolean} isAllowed Notices are, so that nobody need be asked.
 * @property {(subscription: object) => Promise<string>} keep Tells the server; why not, or nothing.
 * @property {(endpoint: string) => Promise<string>} forget Likewise.
 */

const REFUSED =
  gettext("The browser does not let this page show notices. Allow them beside the address, then switch it on again.");
const NO_WORKER = gettext("This browser does not let a page be woken here.");
const NO_SERVICE =
  gettext("The browser’s push service cannot be reached, or this window is a private one. Try again later in another.");

export class Waking {
  /** @param {PushHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
  }

  get #choice() {
    return `dnb-wake:${this.handlers.identity}`;
  }

  get isChosen() {
    return this.handlers.storage.getItem(this.#choice) === "yes";
  }

  /** @returns {Promise<boolean>} Whether a call wakes this browser for this person. */
  async isOn() {
    if (!this.handlers.key || !this.isChosen) return false;
    return (await this.#find()) !== null;
  }

  /**
   * The page was opened: the server hears again that the browser may be woken, whose address changes now and then.
   * What somebody else has left in this browser is taken back.
   */
  async renew() {
    if (!this.handlers.key) return;
    const subscription = await this.#find();
    if (!this.isChosen) {
      if (subscription) await this.#drop(subscription);
    } else if (subscription && this.#isOfKey(subscription)) {
      await this.handlers.keep(subscription.toJSON());
    } else if (this.handlers.isAllowed()) {
      await subscription?.unsubscribe();
      await this.#subscribe();
    }
  }

  /** @returns {Promise<string>} Why it is not on; empty where it is. */
  async turnOn() {
    if ((await this.handlers.askPermission()) !== "granted") return REFUSED;
    const fault = await this.#subscribe();
    if (!fault) this.handlers.storage.setItem(this.#choice, "yes");
    return fault;
  }

  /** @returns {Promise<string>} Why it is still on; empty where it is off. */
  async turnOff() {
    const subscription = await this.#find();
    const fault = subscription ? await this.#drop(subscription) : "";
    if (!fault) this.handlers.storage.removeItem(this.#choice);
    return fault;
  }

  /**
   * One that was made with another key of the server's, from before that was changed, is of no use.
   * @param {PushSubscription} subscription
   */
  #isOfKey({ options }) {
    const key = options?.applicationServerKey;
    return !key || String(new Uint8Array(key)) === String(readKey(this.handlers.key));
  }

  async #find() {
    const registration = await this.handlers.ready();
    return (await registration?.pushManager?.getSubscription().catch(() => null)) ?? null;
  }

  /** @returns {Promise<string>} */
  async #subscribe() {
    const registration = await this.handlers.ready();
    if (!registration?.pushManager) return NO_WORKER;
    try {
      const options = { userVisibleOnly: true, applicationServerKey: readKey(this.handlers.key) };
      const subscription = await this.#subscribeAnew(registration.pushManager, options);
      return await this.handlers.keep(subscription.toJSON());
    } catch (error) {
      return error instanceof DOMException && error.name === "NotAllowedError" ? REFUSED : NO_SERVICE;
    }
  }

  /**
   * @param {PushManager} manager
   * @param {PushSubscriptionOptionsInit} options
   */
  async #subscribeAnew(manager, options) {
    try {
      return await manager.subscribe(options);
    } catch (error) {
      const old = await manager.getSubscription();
      if (!old || !(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
      await old.unsubscribe();
      return manager.subscribe(options);
    }
  }

  /** @param {PushSubscription} subscription */
  async #drop(subscription) {
    const fault = await this.handlers.forget(subscription.endpoint);
    if (!fault) await subscription.unsubscribe();
    return fault;
  }
}

/**
 * @param {string} key In base64url.
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function readKey(key) {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
