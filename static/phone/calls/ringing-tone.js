// @ts-check
/** The ringing tone that a caller hears. */

export class RingingTone {
  #isWanted = false;
  /** @type {HTMLAudioElement | null} Fetched when it is first to be heard: nothing rings at once. */
  #sound = null;

  /**
   * @param {string} url
   * @param {(sound: HTMLAudioElement) => Promise<unknown>} play Where the person hears calls.
   */
  constructor(url, play) {
    this.url = url;
    this.playSound = play;
  }

  /** @param {boolean} isWanted */
  play(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) {
      this.#sound ??= new Audio(this.url);
      this.#sound.loop = true;
      // Rejects where the browser forbids sound: the page says in words that it rings.
      this.playSound(this.#sound).then(() => this.#isWanted || this.#stop(), () => {});
    } else {
      this.#stop();
    }
  }

  #stop() {
    if (!this.#sound) return;
    this.#sound.pause();
    this.#sound.currentTime = 0;
  }
}
