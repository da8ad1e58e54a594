// @ts-check
/**
 * Keeps the Device registered: a token, a Device, and patience when either fails. Knows neither page
 * nor SDK.
 *
 * @typedef {object} Situation What people are shown.
 * @property {"connecting" | "ready" | "offline" | "error"} state
 * @property {Verdict | null} verdict
 * @property {boolean} isRetrying Something is under way, or will be by itself.
 */

import { TokenRefused } from "../relay/backend.js";
import { Retry } from "../relay/backoff.js";
import { isNews, isToBeRead, subjectOf } from "./refusals.js";
import { Renewal } from "./renewal.js";
import { Watchdog } from "./watchdog.js";

/** @import { Codes } from "./refusals.js"; */
/** @import { Token, Verdict } from "../relay/backend.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { DeviceEvent } from "./device.js"; */

const RETRY_PAUSES = { base: 1_000, cap: 60_000 };

export class Registration {
  /** @type {Situation} */
  situation = { state: "connecting", verdict: null, isRetrying: true };
  #retry = new Retry(RETRY_PAUSES);
  /** A start that has been overtaken by another must not go on. */
  #generation = 0;
  #isRefused = false;
  #isOverdue = false;

  /**
   * @param {object} options
   * @param {() => Promise<Token>} options.fetchToken The first of a Device.
   * @param {() => Promise<Token>} options.renewToken The next, before it ends.
   * @param {{start: (token: string, options: Record<string, any>) => void, stop: () => void,
   *   renew: (token: string) => void, isRegistered: boolean, isConnected?: boolean,
   *   canCarrySound?: boolean, isSecure?: boolean}} options.device
   * @param {(report: Report) => void} options.report
   * @param {(situation: Situation) => void} options.changed
   * @param {() => void} options.signedOut
   * @param {() => boolean} options.isInCall A call outlives its registration: nothing is torn down in one.
   * @param {() => boolean} options.isOnline
   * @param {() => boolean} options.isBlockedByPolicy
   * @param {Record<string, Verdict>} options.verdicts Those that this browser may reach by itself, and `offline`.
   * @param {Codes} options.codes
   */
  constructor(options) {
    this.options = options;
    this.watchdog = new Watchdog({ ...options, fired: (cause) => this.#gaveUpWaiting(cause) });
    this.renewal = new Renewal({
      ...options,
      renewed: (token) => options.device.renew(token),
      refused: (refusal) => this.#renewalRefused(refusal),
    });
  }

  /**
   * Begins anew: a fresh token, a fresh Device. In a call, once the call is over.
   * @returns {Promise<void>} Until the Device has begun to register, or there is none.
   */
  restart() {
    this.#retry.reset();
    return this.#beginBetweenCalls();
  }

  /** Lets the Device go, without a word: the phone is somewhere else. */
  rest() {
    this.#clear();
    this.#retry.reset();
    this.options.device.stop();
    this.#show({ state: "connecting", verdict: null, isRetrying: true });
  }

  /** A call is over: what had to wait for it is done now. */
  callEnded() {
    if (this.#isOverdue && !this.options.isInCall()) void this.restart();
  }

  /** The browser says that it has lost its network. */
  wentOffline() {
    this.#report("network-offline");
    this.#show({ state: "offline", verdict: this.#local("offline"), isRetrying: true });
  }

  /**
   * What the server has found out, or the page by itself.
   * @param {Verdict} verdict
   */
  heardVerdict(verdict) {
    const { state } = this.situation;
    if (!isNews(verdict.code, state)) return;
    this.#show({ verdict, state: state === "ready" || !verdict.blames_credentials ? state : "error" });
  }

  /** The person has read the verdict. */
  dismiss() {
    this.#show({ verdict: null });
  }

  /** @param {Pick<DeviceEvent, "sdkEvent" | "code" | "originalCode">} event One that is about no call. */
  heardDevice({ sdkEvent, code, originalCode }) {
    if (sdkEvent === "registered") this.#becameReady();
    else if (sdkEvent === "registering") this.watchdog.watch();
    else if (sdkEvent === "error") this.#heardError(code, originalCode);
    else this.#wasLost(sdkEvent);
  }

  async #beginBetweenCalls() {
    this.#isOverdue = this.options.isInCall();
    if (!this.#isOverdue) await this.#begin();
    else if (this.options.device.isRegistered && this.situation.state !== "ready") this.#stayedReady();
  }

  async #begin() {
    this.#clear();
    const generation = this.#generation;
    const { state } = this.situation;
    this.#show({ state: state === "ready" ? "connecting" : state, isRetrying: true });
    try {
      const token = await this.options.fetchToken();
      if (generation !== this.#generation) return;
      this.options.device.start(token.token, token.device);
      this.watchdog.watch();
      this.renewal.plan(token);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.options.device.stop();
      if (error instanceof TokenRefused) this.#tokenRefused(error);
      else this.#serverUnreachable();
    }
  }

  /** @param {TokenRefused} refusal */
  #tokenRefused({ status, verdict, retryAfter }) {
    const shown = verdict ?? this.#local("unclear");
    if (status === 401) {
      this.options.signedOut();
    } else if (status === 409 || status === 422) {
      this.#show({ state: "error", verdict: shown, isRetrying: false });
    } else {
      this.#show({ state: "offline", verdict: shown });
      this.#tryAgain(retryAfter);
    }
  }

  #serverUnreachable() {
    const isOnline = this.options.isOnline();
    this.#report(isOnline ? "server-unreachable" : "network-offline");
    // It says nothing about Twilio; that Dog n Bone itself is out of reach is said elsewhere on the page.
    this.#show({ state: "offline", verdict: isOnline ? null : this.#local("offline") });
    this.#tryAgain();
  }

  /** @param {TokenRefused} refusal */
  #renewalRefused({ status, verdict }) {
    if (status === 401) this.options.signedOut();
    else if (verdict) this.heardVerdict(verdict);
  }

  #becameReady() {
    this.#retry.cancel();
    this.#retry.reset();
    this.watchdog.forget();
    this.#isRefused = false;
    const { isSecure, canCarrySound } = this.options.device;
    if (isSecure !== false && canCarrySound === false) this.#report("webrtc-missing", "error");
    const { verdict } = this.situation;
    const kept = isToBeRead(verdict?.code) ? verdict : null;
    const shown = isSecure === false ? this.#local("microphone_insecure") : kept;
    this.#show({ state: "ready", verdict: shown, isRetrying: false });
  }

  /** Whatever was feared meanwhile, the SDK holds on to its registration: others may know, and ring. */
  #stayedReady() {
    this.#report("still-registered", "ready");
    this.#becameReady();
  }

  /**
   * @param {number | null} code
   * @param {number | null} originalCode
   */
  #heardError(code, originalCode) {
    const subject = subjectOf(this.options.codes, code, originalCode);
    if (subject === "network") {
      this.watchdog.socketFailed();
    } else if (subject === "token" || !this.options.device.isRegistered) {
      this.#isRefused = true;
      this.#show({ state: "error" });
      this.#tryAgain();
    } else if (this.situation.state === "ready") {
      // It was about something else, such as a call that is over: the server must not take the phone for lost.
      this.#report("still-registered", "ready");
    }
  }

  /** @param {string} sdkEvent `unregistered` or `destroyed` */
  #wasLost(sdkEvent) {
    // After a refusal it says nothing new: the refusal stands, and a new try is under way.
    if (this.#isRefused) return;
    if (this.situation.state === "ready") this.#show({ state: "offline", isRetrying: true });
    if (sdkEvent === "destroyed") this.#tryAgain();
    else this.watchdog.lost();
  }

  /** @param {string} cause */
  #gaveUpWaiting(cause) {
    if (this.options.device.isRegistered) return;
    this.#report(cause);
    const isServersToSay = cause === "register-timeout" || cause === "never-ready";
    const code = cause === "network-offline" ? "offline" : "browser_network";
    const verdict = isServersToSay ? this.situation.verdict : this.#local(code);
    this.#show({ state: "offline", verdict });
    this.#tryAgain();
  }

  /** @param {number} [atLeast] Milliseconds. */
  #tryAgain(atLeast = 0) {
    this.watchdog.rest();
    this.#show({ isRetrying: true });
    this.#retry.after(() => void this.#beginBetweenCalls(), atLeast);
  }

  #clear() {
    this.#generation += 1;
    this.#isRefused = this.#isOverdue = false;
    this.#retry.cancel();
    this.watchdog.forget();
    this.renewal.stop();
  }

  /**
   * @param {string} message
   * @param {Report["state"]} [state]
   */
  #report(message, state = "offline") {
    this.options.report({ state, sdk_event: "watchdog", message });
  }

  /** @param {string} code */
  #local(code) {
    return this.options.verdicts[code] ?? null;
  }

  /** @param {Partial<Situation>} change */
  #show(change) {
    this.situation = { ...this.situation, ...change };
    this.options.changed(this.situation);
  }
}
