// @ts-check
/**
 * Where a person's phone is: in this tab, in another of this browser, or, where they want only one to ring, in
 * another browser. Brings it here, and lets it go; what is under way is never cut by that.
 *
 * The tab that it comes to has its Device registered before the one that has the phone lets go, so that nobody who
 * calls meanwhile finds none. A call stays where its sound is: the phone comes once it is over.
 *
 * @typedef {object} Elsewhere Another browser, as the server calls it.
 * @property {string} where In words; empty where it does not say.
 * @property {number | null} since Milliseconds, by the server's clock.
 *
 * @typedef {Told & {situation: Situation, elsewhere: Elsewhere | null}} PlaceTold What the phone tells its spares.
 *
 * @typedef {"" | "coming" | "waiting" | "failed"} Move It is on its way here; it comes once a call is over; it could not come.
 *
 * @typedef {object} Where What people are shown.
 * @property {"here" | "tab" | "browser"} kind
 * @property {boolean} isHere This tab shows its own phone, and not what another tells.
 * @property {Elsewhere | null} elsewhere
 * @property {boolean} hasSpares Other tabs are open, too.
 * @property {Move} move
 */

/** @import { Situation } from "../device/registration.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { Role, Tabs, Told } from "./tabs.js"; */

/** Longer than a Device takes that becomes ready at all. */
const COMES_WITHIN_MS = 15_000;
/** So often a page from which another browser has taken the phone asks whether that is still there. */
const LOOK_EVERY_MS = 20_000;

const OTHER_TAB = { state: /** @type {const} */ ("offline"), sdk_event: "other-tab", message: "The phone is in another tab." };

/**
 * @typedef {object} OwnPhone This page's own.
 * @property {() => void} start Makes a Device, unless there is one.
 * @property {(why: Report) => void} rest Lets the Device go, once no call is going on.
 * @property {() => void} stop The same at once, and without a word.
 * @property {Promise<void>} begun Until the Device that was made last has begun to register, or could not be.
 * @property {boolean} isResting There is no Device.
 * @property {boolean} isLettingGo It rests as soon as its call is over.
 * @property {{situation: Situation}} registration
 */

/** @template {PlaceTold} T */
export class Place {
  /** @type {Elsewhere | null} */
  #elsewhere = null;
  /** @type {Move} */
  #move = "";
  /** What the server is to be told once the Device is ready: that the phone is here now, or may be. */
  #claim = /** @type {"" | "firm" | "soft"} */ ("");
  #wasJoined = false;
  #tellJoined = () => {};
  /** It was put aside: that it is back is nobody's word that the phone is to be here. */
  #isBack = false;
  /** @type {((isHere: boolean) => void)[]} Who waits for the phone to come. */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;

  /**
   * @param {object} options
   * @param {Tabs<T>} options.tabs
   * @param {OwnPhone} options.phone
   * @param {boolean} options.isToClaim The server wants to know where the phone is opened.
   * @param {(isFirm: boolean) => Promise<{isHere: boolean} & Elsewhere | null>} options.claim Tells the server that
   *   the phone is here, or, not firmly, that it may be if it is nowhere else; null without an answer.
   * @param {(report: Report) => void} options.report
   * @param {() => void} options.changed
   */
  constructor(options) {
    this.options = options;
    if (options.isToClaim) this.#claim = "firm";
  }

  /** Whether this tab shows its own phone, and not what another tells. */
  get isHere() {
    const { tabs, phone } = this.options;
    return tabs.role !== "spare" || phone.isLettingGo;
  }

  /** @returns {Elsewhere | null} */
  get elsewhere() {
    if (!this.isHere) return this.options.tabs.told?.elsewhere ?? null;
    return this.#elsewhere;
  }

  /** @returns {Where} */
  get where() {
    const { tabs } = this.options;
    const { elsewhere } = this;
    // A call that goes on here is here, also once the phone itself is not.
    const kind = elsewhere ? "browser" : this.isHere ? "here" : "tab";
    return { kind, isHere: this.isHere, elsewhere, hasSpares: tabs.hasSpares, move: this.#move };
  }

  /** @returns {Situation} */
  get situation() {
    const { tabs, phone } = this.options;
    const told = this.isHere ? null : tabs.told?.situation;
    if (told) return told;
    const isAway = this.isHere && this.#elsewhere && phone.isResting;
    return isAway ? { state: "offline", verdict: null, isRetrying: false } : phone.registration.situation;
  }

  join() {
    this.options.tabs.join();
  }

  /**
   * Until this tab is the phone, with a Device that has begun to register, or a spare; or until it has had its time.
   * @param {number} withinMs
   * @returns {Promise<void>}
   */
  async joined(withinMs) {
    const patience = new Promise((resolve) => setTimeout(resolve, withinMs));
    await Promise.race([patience, this.#begun()]);
  }

  async #begun() {
    if (!this.#wasJoined) await new Promise((resolve) => (this.#tellJoined = () => resolve(undefined)));
    await this.options.phone.begun;
  }

  /** The browser puts the page aside, or closes it. */
  leave() {
    this.#stopLooking();
    this.#settle("", false);
    this.#elsewhere = null;
    this.#wasJoined = false;
    this.#isBack = true;
    this.options.phone.stop();
    this.options.tabs.leave();
  }

  /**
   * Brings the phone here.
   * @returns {Promise<boolean>} Whether it has come.
   */
  useHere() {
    const { tabs, phone } = this.options;
    const isReady = phone.registration.situation.state === "ready";
    if (tabs.role === "phone" && !this.#elsewhere && isReady) return Promise.resolve(true);
    const came = new Promise((/** @type {(isHere: boolean) => void} */ resolve) => this.#waiting.push(resolve));
    this.#claim = "firm";
    if (tabs.role === "phone") {
      this.#startHere();
    } else if (tabs.told?.isBusy) {
      this.#await();
    } else {
      this.#fetch();
    }
    this.options.changed();
    return came;
  }

  /** @param {Role} role */
  became(role) {
    const { tabs, phone, report, changed } = this.options;
    if (role === "phone") {
      // Not asked for by anybody here: the tab that had it is gone. Where that had let it go, nothing is to be had.
      const inherited = this.#move === "" ? (tabs.told?.elsewhere ?? null) : null;
      if (inherited) this.#goneElsewhere(inherited);
      else if (phone.isResting) {
        if (this.#wasJoined && this.#move !== "coming") {
          report({ state: "connecting", sdk_event: "tab-promoted", message: "The tab that was the phone is gone." });
          this.#claim = "firm";
        }
        if (this.#isBack) this.#claim = "soft";
        this.#isBack = false;
        this.#startHere();
      } else {
        this.situationChanged(phone.registration.situation);
      }
    } else {
      this.#stopLooking();
      this.#elsewhere = null;
      phone.rest(OTHER_TAB);
    }
    this.#wasJoined = true;
    changed();
    this.#tellJoined();
  }

  /** The phone, or a spare, has said something. */
  heard() {
    const { tabs, phone, changed } = this.options;
    if (this.#move === "waiting" && tabs.role === "spare" && !tabs.told?.isBusy) this.#fetch();
    if (this.#move === "coming" && !phone.isResting && tabs.told?.isBusy) {
      // Somebody called in this very moment: it rings where the phone has been.
      phone.rest(OTHER_TAB);
      this.#await();
    }
    changed();
  }

  /** The own Device's. @param {Situation} situation */
  situationChanged({ state }) {
    const { tabs } = this.options;
    if (tabs.role === "phone") {
      if (state === "ready") this.#arrived();
      else if (state === "error") this.#settle("", false);
    } else if (this.#move === "coming" && !this.options.phone.isResting) {
      if (state === "ready") tabs.take();
      else if (state === "error") this.#fail();
    }
  }

  /** Another browser is the phone now, says the server. @param {Elsewhere} elsewhere */
  takenOver(elsewhere) {
    if (this.options.tabs.role !== "phone") return;
    this.#goneElsewhere(elsewhere);
    this.options.phone.rest({ state: "offline", sdk_event: "other-device", message: "The phone is in another browser." });
    this.options.changed();
  }

  /** Whether the phone is to be had, where another browser has taken it. */
  async look() {
    if (!this.#elsewhere) return;
    const answer = await this.options.claim(false);
    if (!answer || !this.#elsewhere) return;
    if (answer.isHere) {
      this.#claim = "";
      this.#startHere();
    } else {
      this.#elsewhere = { where: answer.where, since: answer.since };
    }
    this.options.changed();
  }

  #startHere() {
    this.#stopLooking();
    this.#elsewhere = null;
    const { phone } = this.options;
    phone.start();
    if (this.#waiting.length > 0) this.#expect();
    if (phone.registration.situation.state === "ready") this.#arrived();
  }

  /** The phone is idle: this tab's Device first, then the seat. */
  #fetch() {
    const { tabs, phone } = this.options;
    this.#move = "coming";
    this.#expect();
    // What is not ready anyway need not be kept until this one is.
    if (tabs.told?.situation.state !== "ready") {
      tabs.take();
      return;
    }
    phone.start();
    this.situationChanged(phone.registration.situation);
  }

  #await() {
    clearTimeout(this.#patience);
    this.#move = "waiting";
  }

  #expect() {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#fail(), COMES_WITHIN_MS);
  }

  #fail() {
    const { tabs, phone, changed } = this.options;
    if (tabs.role === "spare") phone.rest(OTHER_TAB);
    this.#settle(tabs.role === "spare" ? "failed" : "", false);
    changed();
  }

  /** The Device is ready, and this tab is the phone. */
  #arrived() {
    this.#settle("", true);
    if (!this.#claim) return;
    const isFirm = this.#claim === "firm";
    this.#claim = "";
    void this.options.claim(isFirm).then((answer) => {
      if (answer && !answer.isHere) this.takenOver(answer);
    });
  }

  /**
   * @param {Move} move
   * @param {boolean} isHere
   */
  #settle(move, isHere) {
    clearTimeout(this.#patience);
    this.#move = move;
    for (const resolve of this.#waiting.splice(0)) resolve(isHere);
  }

  /** @param {Elsewhere} elsewhere */
  #goneElsewhere(elsewhere) {
    this.#elsewhere = elsewhere;
    this.#claim = "";
    this.#settle("", false);
    this.#looking ??= setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  #stopLooking() {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
