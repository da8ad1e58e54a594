// @ts-check
/** What somebody does with the calls of this page: makes one, answers, mutes, dials on, hangs up. */

/** @import { PhoneDevice } from "../device/device.js"; */
/** @import { Switchboard } from "./switchboard.js"; */

export class Handset {
  /** A call is being placed that is no call yet: the microphone is asked for first. */
  #isPlacing = false;

  /**
   * @param {object} phone
   * @param {Pick<PhoneDevice, "connect" | "calls">} phone.device
   * @param {Switchboard} phone.switchboard
   */
  constructor({ device, switchboard }) {
    this.device = device;
    this.switchboard = switchboard;
  }

  /**
   * @param {string} to
   * @param {string} callFrom
   * @param {string} name For people.
   */
  async call(to, callFrom, name) {
    if (this.switchboard.active || this.#isPlacing) return;
    this.#isPlacing = true;
    try {
      await this.device.connect({ to, callFrom, name });
    } catch (error) {
      this.switchboard.failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isPlacing = false;
    }
  }

  /**
   * @param {string} words Why nobody is called; empty takes it back.
   * @param {string} cause
   */
  refuse(words, cause) {
    this.switchboard.refused(words, cause);
  }

  /** @param {string} id */
  answer(id) {
    this.device.calls.get(id)?.accept();
  }

  /** @param {string} id */
  decline(id) {
    this.device.calls.get(id)?.reject();
  }

  hangUp() {
    this.#activeCall?.disconnect();
  }

  /** Mutes the call, or takes that back. */
  mute() {
    this.#activeCall?.mute(!this.switchboard.active?.isMuted);
  }

  keypad() {
    this.switchboard.toggleKeypad();
  }

  /** @param {string} digit A tone for the other end, once there is one. */
  digit(digit) {
    if (this.switchboard.active?.status !== "open") return;
    this.#activeCall?.sendDigits(digit);
    this.switchboard.sent(digit);
  }

  get #activeCall() {
    return this.device.calls.get(this.switchboard.active?.id ?? "");
  }
}
