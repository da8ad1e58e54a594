// @ts-check
/** The ringing tone that a caller hears. */

export class RingingTone {
  /** @param {string} url */
  constructor(url) {
    this.sound = new Audio(url);
    this.sound.loop = true;
  }

  /** @param {boolean} isWanted */
  play(isWanted) {
    if (isWanted === !this.sound.paused) return;
    if (isWanted) {
      // Rejects where the browser forbids sound: the page says in words that it rings.
      this.sound.play().catch(() => {});
    } else {
      this.sound.pause();
      this.sound.currentTime = 0;
    }
  }
}
