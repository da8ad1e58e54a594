/** What comes with the page, and a browser's storage and socket, as far as the phone's modules use them. */

import { readFileSync } from "node:fs";

/** Twilio's codes as the server hands them over; `tests/unit/verdicts/` keeps the file the same as its table. */
export const codes = JSON.parse(readFileSync(new URL("page-codes.json", import.meta.url), "utf8"));

/** Why calls end, likewise; `tests/unit/causes/` keeps the file. */
export const causes = JSON.parse(readFileSync(new URL("page-causes.json", import.meta.url), "utf8"));

export class MemoryStorage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

export class FullStorage extends MemoryStorage {
  setItem() {
    throw new DOMException("no room", "QuotaExceededError");
  }
}

export class StandInSocket {
  static made = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    StandInSocket.made.push(this);
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  hear(frame) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  lose(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }
}
