// @ts-check
/** Whether this browser has a microphone and a speaker for the page; and a murmur in a microphone's place. */

/** @import { Microphone } from "./microphone.js"; */

/** A person may have to read the browser's question first. */
const MICROPHONE_WITHIN_MS = 15_000;
const SPEAKER_WITHIN_MS = 3_000;
const MURMURS_WITHIN_MS = 1_000;
/** True silence is sent as nothing at all. */
const MURMUR = { hertz: 200, level: 0.02 };

/**
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {Pick<Microphone, "open" | "refusal">} options.microphone The one that the person has chosen.
 * @returns {Promise<string | null>} Why there is none, empty where there is one; null where the browser has not answered.
 */
export async function askMicrophone({ signal, microphone }) {
  const opened = microphone.open({ audio: true }).then(
    (stream) => {
      // Also where it comes too late: the lamp beside the microphone goes out again.
      for (const track of stream.getTracks()) track.stop();
      return "";
    },
    () => microphone.refusal,
  );
  return atMost(MICROPHONE_WITHIN_MS, signal, opened);
}

/**
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {() => Navigator} [options.getNavigator]
 * @param {() => AudioContext} [options.makeContext]
 * @returns {Promise<string>} A finding.
 */
export async function askSpeaker({ signal, getNavigator = () => navigator, makeContext = () => new AudioContext() }) {
  const context = makeContext();
  try {
    const devices = (await getNavigator().mediaDevices?.enumerateDevices()) ?? [];
    // Where a page may choose a speaker for its sounds without asking for it, all of them are listed.
    const areListed = "setSinkId" in context && devices.length > 0;
    if (areListed && !devices.some(({ kind }) => kind === "audiooutput")) return "none";
    const resumed = context.resume().then(() => true);
    const isRunning = await atMost(SPEAKER_WITHIN_MS, signal, resumed);
    if (isRunning) return context.state === "running" ? "ok" : "blocked";
    return "no_answer";
  } finally {
    await context.close();
  }
}

/**
 * Sound for a call that is not to have anybody's voice, and that has to work where there is no microphone.
 * @returns {Promise<{stream: MediaStream, end: () => void} | null>} Null where the browser keeps it from sounding: what is
 *   silent is not sent at all.
 */
export async function makeMurmur() {
  const context = new AudioContext();
  const resumed = context.resume().catch(() => {});
  await atMost(MURMURS_WITHIN_MS, new AbortController().signal, resumed);
  if (context.state !== "running") {
    await context.close();
    return null;
  }
  const tone = new OscillatorNode(context, { frequency: MURMUR.hertz });
  const quiet = new GainNode(context, { gain: MURMUR.level });
  const place = new MediaStreamAudioDestinationNode(context);
  tone.connect(quiet).connect(place);
  tone.start();
  return { stream: place.stream, end: () => void context.close() };
}

/**
 * @template T
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @param {Promise<T>} work
 * @returns {Promise<T | null>} Null where it has taken too long, or the test has ended.
 */
export function atMost(milliseconds, signal, work) {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    const patience = setTimeout(giveUp, milliseconds);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    work.then(resolve, reject).finally(() => {
      clearTimeout(patience);
      signal.removeEventListener("abort", giveUp);
    });
  });
}
