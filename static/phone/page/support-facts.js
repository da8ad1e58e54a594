// @ts-check
/** What a support report is made of: what the page has seen so far, and what its parts know when it is asked for. */

import { MOST_DEEDS, buildReport } from "./support-report.js";

/** @import { Test } from "../calls/connection-test.js"; */
/** @import { PhoneDevice } from "../device/device.js"; */
/** @import { Verdict } from "../relay/backend.js"; */
/** @import { Report } from "../relay/device-events.js"; */
/** @import { Relay } from "../relay/relay.js"; */
/** @import { ReadLine } from "./connection-pane.js"; */
/** @import { Deed, Facts } from "./support-report.js"; */
/** @import { LiveView } from "./view.js"; */

export class SupportFacts {
  /** @type {Deed[]} */
  #deeds = [];
  /** @type {Facts["found"]} */
  #found = null;
  /** @type {Facts["test"]} */
  #test = null;

  /**
   * @param {object} options
   * @param {string} options.pageSession
   * @param {Facts["product"]} options.product
   * @param {Pick<PhoneDevice, "version" | "edge" | "calls">} options.device
   * @param {Pick<Relay, "roundTrip">} options.relay
   * @param {LiveView} options.view
   */
  constructor(options) {
    this.options = options;
  }

  /** @param {Report} report Something the phone did. */
  noteDeed(report) {
    this.#deeds = [...this.#deeds, { ...report, at: new Date() }].slice(-MOST_DEEDS);
  }

  /** @param {Verdict | null} verdict The one that is shown now. */
  noteVerdict(verdict) {
    if (verdict && verdict !== this.#found?.verdict) {
      this.#found = { verdict, at: new Date(), isOver: false };
    } else if (this.#found) {
      this.#found.isOver = !verdict;
    }
  }

  /**
   * @param {Test} test The last one.
   * @param {ReadLine[]} lines
   */
  noteTest({ at, isInCall }, lines) {
    this.#test = { at, isInCall, lines };
  }

  /** @returns {string} The report, as of now. */
  report() {
    const { pageSession, product, device, relay, view } = this.options;
    return buildReport({
      now: new Date(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      pageSession,
      product,
      sdk: device.version,
      browser: navigator.userAgent,
      isOnline: navigator.onLine,
      edge: device.edge,
      roundTrip: { server: relay.roundTrip, call: device.calls.roundTrip },
      state: view.current.situation.state,
      found: this.#found,
      test: this.#test,
      deeds: this.#deeds,
    });
  }
}
