// @ts-check
/** Sound as the telephone network carries it: WAV, mono, 8,000 samples a second, 16 bits. */

export const SAMPLE_RATE = 8000;
const HEADER_BYTES = 44;

/**
 * @param {Float32Array} samples From -1 to 1, at SAMPLE_RATE.
 * @returns {ArrayBuffer} A file: http://soundfile.sapp.org/doc/WaveFormat/
 */
export function encodeWav(samples) {
  const bytes = samples.length * 2;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + bytes));
  writeText(view, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  writeText(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  writeText(view, 36, "data");
  view.setUint32(40, bytes, true);
  samples.forEach((sample, index) => {
    const held = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER_BYTES + index * 2, Math.round(held < 0 ? held * 0x8000 : held * 0x7fff), true);
  });
  return view.buffer;
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {string} text
 */
function writeText(view, at, text) {
  [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
}
