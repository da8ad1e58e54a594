// @ts-check
/** The ringing tone that a caller hears, and whether the browser lets this page make a sound at all. */

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

/** Whether nobody has touched the page yet, so that the browser would keep an incoming call silent. */
export function isMuffled() {
  return navigator.userActivation ? !navigator.userActivation.hasBeenActive : false;
}
