// @ts-check
/**
 * The sounds that the SDK plays: the ring, a call's end, keys. It would fetch and decode all fifteen while it makes
 * a Device; these are fetched once the phone is ready, or when one is first to be heard.
 *
 * The SDK takes a class for them as its internal option `Sound`; what it calls is `play`, `stop` and `setSinkIds`.
 */

/** Worth having before it is needed: silence would be taken for a call that does not come. */
const NEEDED_AT_ONCE = ["incoming", "disconnect"];

export class Sounds {
  /** @type {Set<SdkSound>} */
  #made = new Set();

  /** @param {(url: string) => HTMLAudioElement} [makeAudio] */
  constructor(makeAudio = (url) => new Audio(url)) {
    const made = this.#made;
    /** What the SDK makes one of for each name. */
    this.Sound = class extends SdkSound {
      /**
       * @param {string} name
       * @param {string} url
       * @param {{maxDuration?: number, shouldLoop?: boolean}} [options] Milliseconds at most; 0 for the whole.
       */
      constructor(name, url, options) {
        super(name, url, { ...options, makeAudio });
        made.add(this);
      }
    };
  }

  /** The phone is ready, and has nothing better to fetch. */
  fetch() {
    for (const sound of this.#made) if (NEEDED_AT_ONCE.includes(sound.name)) sound.fetch();
  }

  /** Somebody has touched the page: what the browser has kept from being heard until now may be. */
  allow() {
    for (const sound of this.#made) sound.allow();
  }

  /** The Device that they were made for is gone. */
  forget() {
    for (const sound of this.#made) sound.stop();
    this.#made.clear();
  }
}

export class SdkSound {
  /** @type {Map<string, HTMLAudioElement>} By the output device's id. */
  #audios = new Map();
  #sinkIds = ["default"];
  #isForbidden = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #end;
  isPlaying = false;

  /**
   * @param {string} name As the SDK calls it.
   * @param {string} url
   * @param {{maxDuration?: number, shouldLoop?: boolean, makeAudio: (url: string) => HTMLAudioElement}} options
   */
  constructor(name, url, { maxDuration = 0, shouldLoop = false, makeAudio }) {
    this.name = name;
    this.url = url;
    this.maxDuration = maxDuration;
    this.shouldLoop = shouldLoop;
    this.makeAudio = makeAudio;
  }

  fetch() {
    for (const id of this.#sinkIds) this.#audioFor(id);
  }

  /**
   * From its beginning, on every output device that is chosen for it.
   * @returns {Promise<void>} Rejects where the browser plays none of it; it is tried again when it may.
   */
  async play() {
    this.stop();
    this.isPlaying = true;
    if (this.maxDuration > 0) this.#end = setTimeout(() => this.stop(), this.maxDuration);
    const tries = await Promise.allSettled(this.#sinkIds.map((id) => this.#playOn(id)));
    const refused = tries.find((one) => one.status === "rejected");
    if (!refused || tries.some((one) => one.status === "fulfilled")) return;
    this.#isForbidden = this.isPlaying && refused.reason?.name === "NotAllowedError";
    throw refused.reason;
  }

  stop() {
    clearTimeout(this.#end);
    this.isPlaying = this.#isForbidden = false;
    for (const audio of this.#audios.values()) {
      audio.pause();
      audio.currentTime = 0;
    }
  }

  /** The browser forbids it no longer: what should be heard by now is. */
  allow() {
    // What rejects again stays silent: the page says in words that it rings.
    if (this.#isForbidden) this.play().catch(() => {});
  }

  /** @param {string | string[]} ids Of output devices; "default" is the system's own choice. */
  setSinkIds(ids) {
    this.#sinkIds = [ids].flat();
    for (const [id, audio] of this.#audios) {
      if (this.#sinkIds.includes(id)) continue;
      audio.pause();
      this.#audios.delete(id);
    }
    if (this.isPlaying) for (const id of this.#sinkIds) this.#playOn(id).catch(() => {});
  }

  /** @param {string} id */
  async #playOn(id) {
    const audio = this.#audioFor(id);
    try {
      if (id !== "default" && "setSinkId" in audio && audio.sinkId !== id) await audio.setSinkId(id);
    } catch {
      // On the system's own: better than not at all.
    }
    if (this.isPlaying) await audio.play();
  }

  /** @param {string} id */
  #audioFor(id) {
    const known = this.#audios.get(id);
    if (known) return known;
    const audio = this.makeAudio(this.url);
    audio.loop = this.shouldLoop;
    this.#audios.set(id, audio);
    return audio;
  }
}
