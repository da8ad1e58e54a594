// @ts-check
/** The note of a call: typed while one talks, and said when it is saved. */

import { part, setText } from "./parts.js";
import { gettext } from "../../texts.js";

/** @import { Note, NoteStatus } from "../calls/notes.js"; */

/** @type {Record<NoteStatus, string>} */
const STATUSES = { "": "", saving: gettext("Saving…"), saved: gettext("Saved"), failed: "" };

export class NoteField {
  /** What the server said last: only another word of its replaces what stands in the field. */
  #told = "";

  /**
   * @param {HTMLElement} within
   * @param {{typed: (text: string) => void, left: () => void}} handlers
   */
  constructor(within, { typed, left }) {
    this.within = within;
    this.field = /** @type {HTMLTextAreaElement} */ (part("note", within));
    this.field.addEventListener("input", () => typed(this.field.value));
    this.field.addEventListener("blur", () => left());
  }

  /** @param {{isShown: boolean, told: string, kept: Note | undefined}} note */
  draw({ isShown, told, kept }) {
    part("note-box", this.within).hidden = !isShown;
    const isBeingTyped = this.field === document.activeElement || (kept && kept.status !== "saved");
    if (told !== this.#told && !isBeingTyped) {
      this.field.value = told;
      this.#told = told;
    }
    setText("note-status", kept?.words || STATUSES[kept?.status ?? ""], this.within);
    part("note-status", this.within).classList.toggle("is-failure", kept?.status === "failed");
  }
}
