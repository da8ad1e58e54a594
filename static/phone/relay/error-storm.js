// @ts-check
/**
 * Keeps a storm of like events from flooding the audit trail: a gateway that turns a Device away can
 * make the SDK redial nine times a second. The first few of a kind pass as they come; after that
 * each window ends with one that says how many there were. A window ends early when the Device is
 * `registered`, so that what went before is told before.
 */

const WINDOW_MS = 5_000;
const PASS_PER_WINDOW = 3;

/** @import { Report } from "./device-events.js"; */

/**
 * What is said of different calls is never alike: the server makes a row of each by it. Nor is what happens to
 * a device: that one is gone, and that it is back.
 * @param {Report} report
 */
function subjectOf({ state, sdk_event, message = "" }) {
  if (sdk_event === "audio.deviceChange") return message.split(":")[0];
  const isOfCall = state === "disconnect" || sdk_event === "call.error";
  return isOfCall ? (/(?:incoming|outgoing) [\w-]+/.exec(message)?.[0] ?? "") : "";
}

export class ErrorStorm {
  /** @type {Map<string, {passed: number, held: number, last: Report, timer: ReturnType<typeof setTimeout>}>} */
  #kinds = new Map();

  /** @param {(report: Report) => void} report */
  constructor(report) {
    this.report = report;
  }

  /** @param {Report} report */
  take(report) {
    if (report.sdk_event === "registered") this.#closeAll();
    const key = `${report.sdk_event} ${report.code} ${report.original_code} ${subjectOf(report)}`;
    const kind = this.#kinds.get(key) ?? this.#open(key, report);
    kind.last = report;
    if (kind.passed < PASS_PER_WINDOW) {
      kind.passed += 1;
      this.report(report);
    } else {
      kind.held += 1;
    }
  }

  #closeAll() {
    for (const key of [...this.#kinds.keys()]) this.#close(key);
  }

  /**
   * @param {string} key
   * @param {Report} report
   */
  #open(key, report) {
    const timer = setTimeout(() => this.#close(key), WINDOW_MS);
    const kind = { passed: 0, held: 0, last: report, timer };
    this.#kinds.set(key, kind);
    return kind;
  }

  /** @param {string} key */
  #close(key) {
    const kind = this.#kinds.get(key);
    if (!kind) return;
    clearTimeout(kind.timer);
    this.#kinds.delete(key);
    if (kind.held === 0) return;
    const message = `${kind.last.message ?? ""} (${kind.held} times more within ${WINDOW_MS / 1000} s)`.trim();
    this.report({ ...kind.last, message });
  }
}
