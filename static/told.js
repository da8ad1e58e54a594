// @ts-check
/**
 * What the server says was just done, in the headers of an answer (accounts/toasts.py), for every script that asks for
 * something: `toasts.js` shows it.
 */

import { makeUuid } from "./phone/relay/ids.js";

/** @typedef {{words: string, is_bad?: boolean, deeds?: {label: string, url: string}[]}} Toast */

const NAME = "X-Deed";
const SAID = "X-Toasts";

/**
 * Names a request, by which its answer finds what is to be said of it and leaves what others are to be told
 * (accounts/told_apart.py): whatever may be told a whole page sends it.
 * @returns {Record<string, string>} A header.
 */
export function nameDeed() {
  return { [NAME]: makeUuid() };
}

/**
 * @param {(header: string) => string | null} readHeader Of the answer.
 * @returns {Toast[]}
 */
export function readTold(readHeader) {
  return JSON.parse(readHeader(SAID) ?? "[]");
}

/** @param {Toast[]} toasts Has them shown. */
export function tell(toasts) {
  if (toasts.length > 0) document.dispatchEvent(new CustomEvent("toasts", { detail: toasts }));
}
