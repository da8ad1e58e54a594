// @ts-check
/** UUIDs (RFC 9562), also on a page without encryption, which is not given `crypto.randomUUID`. */

/** @returns {string} Of version 4: random. */
export function makeUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return write(crypto.getRandomValues(new Uint8Array(16)), 4);
}

/**
 * Of version 7: the moment, and random after it. The server keeps what is of one month together by it.
 * @param {number} at Milliseconds since the epoch.
 * @returns {string}
 */
export function makeTimedUuid(at) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(at / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, at % 2 ** 32);
  return write(bytes, 7);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} version
 */
function write(bytes, version) {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
