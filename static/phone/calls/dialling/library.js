// @ts-check
/** Loads libphonenumber-js, a quarter of a megabyte: once the phone is ready, so that it never waits for it. */

import { useLibrary } from "./plans.js";

/** @type {Promise<boolean> | null} */
let loading = null;

/**
 * @param {string} address Where npm's bundle is served. It is no module, and leaves its name to the page.
 * @returns {Promise<boolean>} Whether it is there now. Until it is, the server alone decides.
 */
export function loadLibrary(address) {
  loading ??= load(address);
  return loading;
}

/** @param {string} address */
async function load(address) {
  try {
    await import(address);
    useLibrary(Reflect.get(globalThis, "libphonenumber"));
    return true;
  } catch (error) {
    // The network, which browsers report so; the next call for it tries again.
    if (!(error instanceof TypeError)) throw error;
    loading = null;
    return false;
  }
}
