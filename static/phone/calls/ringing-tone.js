// @ts-check
/** The ringing tone that a caller hears. */

export class RingingTone {
  #isWanted = false;

  /**
   * @param {string} url
   * @param {(sound: HTMLAudioElement) => Promise<unknown>} play Where the person hears calls.
   */
  constructor(url, play) {
    this.sound = new Audio(url);
    this.sound.loop = true;
    this.playSound = play;
  }

  /** @param {boolean} isWanted */
  play(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) {
      // Rejects where the browser forbids sound: the page says in words that it rings.
      this.playSound(this.sound).then(() => this.#isWanted || this.#stop(), () => {});
    } else {
      this.#stop();
    }
  }

  #stop() {
    this.sound.pause();
    this.sound.currentTime = 0;
  }
}
