// @ts-check
/**
 * Keeps what is shown of recent calls true: a call that is news is asked for, and stands there without the page
 * being loaded again. Not while somebody searches, nor behind their back, where it would count as seen; one call
 * only with news of its own, and not while somebody listens to it.
 *
 * @typedef {(url: string, part: string) => Promise<void>} Renew Puts the element `part` of the page at `url` in
 *   the place of the one that is shown.
 */

const TOGETHER_MS = 150;
/** A list that comes within that time may have left the server before the news. */
const ON_ITS_WAY_MS = 10_000;
const YEAR_SECONDS = 31_536_000;

export class Recents {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  #isAsking = false;
  #isStale = false;
  /** @type {Set<string>} The calls that are news. */
  #news = new Set();
  /** Any call may be news: what was pushed meanwhile is lost. */
  #isAnyNews = false;
  #heardAt = -Infinity;
  /** The list that was looked after last. @type {Element | null} */
  #list = null;

  /** @param {Renew} renew */
  constructor(renew) {
    this.renew = renew;
    document.addEventListener("visibilitychange", () => this.#look());
    document.addEventListener("htmx:afterSwap", () => this.#shown());
    // What an <audio> tells does not bubble.
    document.addEventListener("ended", () => this.#isNews(findOneCall()) && this.#changed(), { capture: true });
  }

  /** Lets the server know whose days are shown. Costs a browser much the first time, and so waits for the phone. */
  noteZone() {
    if (noteZone()) this.heard();
  }

  /** @param {string} [call] Which is not what it was; left out where it may be any. */
  heard(call) {
    if (call) this.#news.add(call);
    else this.#isAnyNews = true;
    this.#heardAt = performance.now();
    this.#changed();
  }

  /** A pane has come, and may hold a list. */
  #shown() {
    const list = document.querySelector("#recents");
    if (list && list !== this.#list && performance.now() - this.#heardAt < ON_ITS_WAY_MS) this.#changed();
  }

  /** @param {HTMLElement | null} one A call that is shown. */
  #isNews(one) {
    return one !== null && (this.#isAnyNews || this.#news.has(one.dataset.call ?? ""));
  }

  #changed() {
    this.#isStale = true;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, TOGETHER_MS);
  }

  #look() {
    if (this.#isStale && !this.#isAsking && !document.hidden) void this.#ask();
  }

  async #ask() {
    this.#isStale = false;
    this.#isAsking = true;
    try {
      const list = document.querySelector("#recents");
      if (list instanceof HTMLElement && addressOf(list) && !isSearching()) await this.#renewList(addressOf(list));
      await this.#renewOneCall();
      this.#list = document.querySelector("#recents");
    } finally {
      this.#isAsking = false;
    }
    this.#look();
  }

  async #renewOneCall() {
    const one = findOneCall();
    const isNews = this.#isNews(one);
    // What is news stays so until the sound has ended.
    if (isNews && one && isListenedTo(one)) return;
    this.#news.clear();
    this.#isAnyNews = false;
    if (isNews) await this.renew(location.pathname, "#one-call");
  }

  /** @param {string} url The line that is looked at stays where it is. */
  async #renewList(url) {
    const seen = [...document.querySelectorAll("#recents [data-call]")].find((line) => topOf(line) >= 0);
    const isAtTop = scrollY === 0;
    const before = seen ? topOf(seen) : 0;
    await this.renew(url, "#recents");
    const again = seen && document.querySelector(`#recents [data-call="${seen.getAttribute("data-call")}"]`);
    if (again && !isAtTop) scrollBy({ top: topOf(again) - before, behavior: "instant" });
  }
}

/** @param {Element} element */
function topOf(element) {
  return element.getBoundingClientRect().top;
}

/** @returns {HTMLElement | null} */
function findOneCall() {
  return document.querySelector("#one-call");
}

/** @param {HTMLElement} one Whether a sound of its plays, or is paused halfway: a new one would begin anew. */
function isListenedTo(one) {
  return [...one.querySelectorAll("audio")].some(({ paused, ended, currentTime }) => !ended && (!paused || currentTime > 0));
}

function isSearching() {
  const field = document.querySelector("#search-calls");
  return field instanceof HTMLInputElement && field.value.trim() !== "";
}

/**
 * All that is shown by now, and what is newer; empty where that is no list from the newest on.
 * @param {HTMLElement} list
 */
function addressOf(list) {
  const { newest } = list.dataset;
  if (!newest) return "";
  const url = new URL(newest, location.href);
  const ends = [...list.querySelectorAll("[data-down-to]")];
  const end = ends.at(-1)?.getAttribute("data-down-to");
  if (end) url.searchParams.set("down_to", end);
  return url.pathname + url.search;
}

/** @returns {boolean} Whether the server has not known until now whose days these are. */
function noteZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = `time_zone=${encodeURIComponent(zone)}`;
  if (!zone || document.cookie.split("; ").includes(known)) return false;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${known}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
  return true;
}
