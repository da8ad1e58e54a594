// @ts-check
/** The ringing tone that a caller hears. */

export class RingingTone {
  /** @type {HTMLAudioElement | null} Fetched when it is first to be heard: nothing rings at once. */
  #sound = null;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /** @param {boolean} isWanted */
  play(isWanted) {
    if (isWanted === (this.#sound?.paused === false)) return;
    if (isWanted) {
      this.#sound ??= new Audio(this.url);
      this.#sound.loop = true;
      // Rejects where the browser forbids sound: the page says in words that it rings.
      this.#sound.play().catch(() => {});
    } else if (this.#sound) {
      this.#sound.pause();
      this.#sound.currentTime = 0;
    }
  }
}
