// @ts-check
/** The settings pane beyond its markup: recording a greeting, and the order in which people are rung. */

import { gettext, interpolate } from "../../texts.js";
import { tell } from "../../told.js";

/** @import { Toast } from "../../told.js"; */

/**
 * @typedef {object} Recording
 * @property {boolean} isRecording
 * @property {() => Promise<void>} start
 * @property {() => Promise<ArrayBuffer | null>} stop
 *
 * @typedef {object} PaneHandlers
 * @property {Recording} recorder
 * @property {() => {title: string, remedy: string} | undefined} whyNot Why there was no microphone to record with.
 * @property {(url: string, wav: ArrayBuffer) => Promise<Upload>} upload
 *
 * @typedef {{seconds: number, words: string, toasts: Toast[]}} Upload Words say why it was not kept; toasts that it was.
 */

const RECORD = gettext("Record a greeting");
const STOP = gettext("Stop and keep it");
const NO_MICROPHONE = gettext("The browser does not give this page a microphone.");
const UNREADABLE = gettext("The recording could not be read. Please try again.");

/** @param {PaneHandlers} handlers */
export function followAnsweringPane(handlers) {
  const begin = () => {
    const pane = document.querySelector("#pane [data-answering]");
    if (!(pane instanceof HTMLElement) || pane.dataset.isFollowed !== undefined) return;
    pane.dataset.isFollowed = "";
    const sound = pane.querySelector("[data-greeting-sound]");
    if (sound instanceof HTMLElement) new GreetingSound(sound, pane.dataset.upload ?? "", handlers);
    const people = pane.querySelector("[data-people]");
    if (people instanceof HTMLElement) orderPeople(people);
    if (pane.dataset.isNew !== undefined) chooseTimeZone(pane);
  };
  document.addEventListener("pane-shown", begin);
  begin();
}

class GreetingSound {
  #seconds = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  #isBusy = false;

  /**
   * @param {HTMLElement} place
   * @param {string} url
   * @param {PaneHandlers} handlers
   */
  constructor(place, url, handlers) {
    this.place = place;
    this.url = url;
    this.handlers = handlers;
    this.button = this.#find("record");
    this.button.addEventListener("click", () => void this.#clicked());
  }

  /** @param {string} name */
  #find(name) {
    const found = this.place.querySelector(`[data-${name}]`);
    if (!(found instanceof HTMLElement)) throw new Error(`The settings have no part “${name}”.`);
    return found;
  }

  async #clicked() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      if (this.handlers.recorder.isRecording) await this.#stop();
      else await this.#start();
    } finally {
      this.#isBusy = false;
    }
  }

  async #start() {
    this.#say("");
    try {
      await this.handlers.recorder.start();
    } catch {
      const why = this.handlers.whyNot();
      this.#say(why ? `${why.title}. ${why.remedy}` : NO_MICROPHONE);
      return;
    }
    this.#seconds = 0;
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#draw(STOP, gettext("0 s"));
    this.#say(gettext("Recording."));
  }

  #tick() {
    this.#seconds += 1;
    const most = Number(this.place.dataset.mostSeconds ?? 60);
    this.#draw(STOP, interpolate(gettext("%(seconds)s of %(most)s s"), { seconds: this.#seconds, most }));
    // Whoever leaves the pane keeps nothing, and the microphone is given back.
    if (!this.button.isConnected) void this.#drop();
    else if (this.#seconds >= most - 1) void this.#clicked();
  }

  async #drop() {
    clearInterval(this.#clock);
    await this.handlers.recorder.stop().catch(() => null);
  }

  async #stop() {
    clearInterval(this.#clock);
    this.#draw(RECORD, "");
    this.#say(gettext("Keeping it…"));
    try {
      const wav = await this.handlers.recorder.stop();
      if (wav) this.#kept(await this.handlers.upload(this.url, wav));
    } catch {
      this.#say(UNREADABLE);
    }
  }

  /** @param {Upload} answer */
  #kept(answer) {
    if (answer.words) {
      this.#say(answer.words);
      return;
    }
    const player = /** @type {HTMLAudioElement} */ (this.#find("player"));
    player.src = `${this.url}?${Date.now()}`;
    this.#find("length").textContent = interpolate(gettext(", %(seconds)s s"), { seconds: answer.seconds });
    this.#find("kept").hidden = false;
    this.#say("");
    tell(answer.toasts);
  }

  /**
   * @param {string} label
   * @param {string} time
   */
  #draw(label, time) {
    this.button.textContent = label;
    this.#find("time").textContent = time;
  }

  /** @param {string} words */
  #say(words) {
    this.#find("said").textContent = words;
  }
}

/** Up and down; people are rung in the order of the list. @param {HTMLElement} list */
function orderPeople(list) {
  for (const move of list.querySelectorAll(".rules-move")) if (move instanceof HTMLElement) move.hidden = false;
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-move]") : null;
    const item = button?.closest("li");
    if (!(button instanceof HTMLElement) || !item) return;
    if (button.dataset.move === "1") item.nextElementSibling?.after(item);
    else item.previousElementSibling?.before(item);
    button.focus();
  });
}

/** Nobody has said yet where the hours are meant: most likely here. @param {HTMLElement} form */
function chooseTimeZone(form) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const choice = form.querySelector('[name="time_zone"]');
  if (!(choice instanceof HTMLSelectElement) || choice.value !== "UTC") return;
  if ([...choice.options].some((option) => option.value === here)) choice.value = here;
}
