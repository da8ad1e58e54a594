// @ts-check
/**
 * Asking the browser for the microphone: what it refused, and that its question to the person is open.
 *
 * @typedef {"" | "asking" | "waiting"} MicrophoneWait Nothing; the browser asks the person; it takes its time.
 */

/** A browser that need not ask answers sooner. */
const SOON_MS = 500;
/** Not one of the browser's: it hides its microphones from a page that came without encryption. */
const INSECURE_PAGE = "InsecurePage";

export class Microphone {
  /** The name of the browser's last refusal, such as `NotFoundError`; empty for none. */
  error = "";
  /** @type {object | null} The request that counts: the latest that is open. */
  #open = null;

  /**
   * @param {object} options
   * @param {(wait: MicrophoneWait) => void} options.changed
   * @param {() => Navigator} [options.getNavigator]
   */
  constructor({ changed, getNavigator = () => navigator }) {
    this.changed = changed;
    this.getNavigator = getNavigator;
  }

  /**
   * @param {MediaStreamConstraints} wanted
   * @returns {Promise<MediaStream>}
   * @throws Whatever the browser throws.
   */
  async open(wanted) {
    const request = {};
    this.#open = request;
    this.error = "";
    const soon = setTimeout(() => void this.#tellWait(request), SOON_MS);
    try {
      return await this.#ask(wanted);
    } catch (error) {
      this.error = error instanceof Error || error instanceof DOMException ? error.name : "Error";
      throw error;
    } finally {
      clearTimeout(soon);
      if (this.#open === request) {
        this.#open = null;
        this.changed("");
      }
    }
  }

  /** @param {MediaStreamConstraints} wanted */
  async #ask(wanted) {
    const { mediaDevices } = this.getNavigator();
    if (!mediaDevices) throw new DOMException("The page is not secure.", INSECURE_PAGE);
    return mediaDevices.getUserMedia(wanted);
  }

  /** @param {object} request */
  async #tellWait(request) {
    const isAllowed = await this.#isAllowed();
    if (this.#open === request) this.changed(isAllowed ? "waiting" : "asking");
  }

  async #isAllowed() {
    try {
      const name = /** @type {PermissionName} */ ("microphone");
      return (await this.getNavigator().permissions.query({ name })).state === "granted";
    } catch {
      // Not every browser tells.
      return false;
    }
  }
}
