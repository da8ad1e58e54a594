// @ts-check
/** Wires the page, the Device, its registration and the relay. */

import { fetchToken, readCsrfToken } from "./backend.js";
import { activeCall, changeCall, makeCall } from "./call-state.js";
import { PhoneDevice } from "./device.js";
import { ErrorStorm } from "./error-storm.js";
import { Page } from "./page.js";
import { readAddresses, readPageData } from "./page/parts.js";
import { Registration } from "./registration.js";
import { Relay, relayOrphans } from "./relay.js";
import { RingingTone, isMuffled } from "./sounds.js";
import { watchSleep } from "./wake.js";
import { eventWords, wordsOfEnding } from "./words.js";

/** @import { Report } from "./device-events.js"; */
/** @import { CallNews, DeviceEvent } from "./device.js"; */
/** @import { View } from "./page.js"; */

/** What the relay calls each event of a call; the rest of them is for the page alone. */
const REPORTED = /** @type {Record<string, Report["state"]>} */ ({
  incoming: "incoming",
  accept: "connect",
  disconnect: "disconnect",
  reject: "disconnect",
  cancel: "cancel",
});
/** How soon after the answer a line without a sound means that sound is blocked, not merely poor. */
const SOUND_EXPECTED_WITHIN_MS = 15_000;
const MICROPHONE_CODES = [31401, 31402];

const data = readPageData();
const addresses = readAddresses();
const pageSession = crypto.randomUUID();
const socketUrl = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${data.socket_path}`;

/** @type {View} */
let view = {
  situation: { state: "connecting", verdict: null, isRetrying: true },
  calls: [],
  notice: "",
  digits: "",
  isKeypadOpen: false,
  isTakenOver: false,
  isServerLost: false,
  isMuffled: isMuffled(),
  now: Date.now(),
};
let isLeaving = false;
let isBlockedByPolicy = false;
/** @type {Set<string>} Calls that ring at the other end without a tone of Twilio's own. */
const ringingOut = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

const tone = new RingingTone(data.sounds.outgoing);

const page = new Page({
  call: (to, callFrom, name) => void placeCall(to, callFrom, name),
  hangUp: () => withActive(({ id }) => device.disconnect(id)),
  mute: () => withActive(({ id, isMuted }) => device.mute(id, !isMuted)),
  keypad: () => change({ isKeypadOpen: !view.isKeypadOpen }),
  digit: (digit) => withActive(({ id, status }) => status === "open" && sendDigit(id, digit)),
  answer: (id) => device.accept(id),
  decline: (id) => device.reject(id),
  retry: () => {
    change({ isTakenOver: false });
    registration.restart();
  },
  touched: () => change({ isMuffled: false }),
});

const relay = new Relay({
  socketUrl,
  identity: data.identity,
  pageSession,
  storage: localStorage,
  getState: () => view.situation.state,
  handlers: {
    opened: () => change({ isServerLost: false }),
    closed: () => change({ isServerLost: true }),
    signedOut: leaveToSignIn,
    frame: heardServer,
  },
});

const storm = new ErrorStorm((report) => {
  relay.report(report);
  log(report);
});

const device = new PhoneDevice({
  sounds: data.sounds,
  handlers: {
    device: heardDevice,
    expiring: () => void registration.renew(),
    call: heardCall,
    volume: (id, input, output) => withActive((call) => call.id === id && page.drawLevels(input, output)),
  },
});

const registration = new Registration({
  fetchToken: () =>
    fetchToken({ url: data.token_url, pageSession, csrfToken: readCsrfToken(document.cookie) }),
  device,
  report,
  changed: (situation) => change({ situation }),
  signedOut: leaveToSignIn,
  isInCall: () => view.calls.length > 0,
  isOnline: () => navigator.onLine,
  isBlockedByPolicy: () => isBlockedByPolicy,
  verdicts: data.verdicts,
});

/** @param {Partial<View>} some */
function change(some) {
  view = { ...view, ...some, now: Date.now() };
  page.draw(view);
}

/** @param {(call: import("./call-state.js").CallView) => unknown} act */
function withActive(act) {
  const call = activeCall(view.calls);
  if (call) act(call);
}

/** @param {Report} some */
function report(some) {
  if (isLeaving) return;
  storm.take(some);
}

/** @param {DeviceEvent} event */
function heardDevice(event) {
  if (isLeaving) return;
  const isAboutCall = event.callId !== null;
  if (event.sdkEvent === "registered") storm.flush();
  report({
    state: event.state,
    sdk_event: isAboutCall ? `call.${event.sdkEvent}` : event.sdkEvent,
    code: event.code,
    original_code: event.originalCode,
    message: event.message,
  });
  if (!isAboutCall) registration.heardDevice(event);
}

/** @param {CallNews} news */
function heardCall(news) {
  const { id, event, direction } = news;
  reportCall(news);
  const known = view.calls.find((call) => call.id === id) ?? (event === direction && makeCall(news));
  if (!known) return;
  const call = changeCall(known, { ...news, at: Date.now() });
  const others = view.calls.filter((other) => other.id !== id);
  if (event === "ringing" && !news.hasEarlyMedia) ringingOut.add(id);
  else if (event !== "mute") ringingOut.delete(id);
  tone.play(ringingOut.size > 0);
  if (event === "error") heardCallError(news.code ?? null);
  if (event === "warning") heardWarning(news.warning ?? "", call);
  if (call.status === "closed") {
    change({ calls: others, notice: wordsOfEnding(call, Date.now()), digits: "", isKeypadOpen: false });
    registration.callEnded();
  } else {
    change({ calls: [...others, call], ...(event === direction && { notice: "" }) });
  }
  keepTime();
}

/** @param {CallNews} news */
function reportCall({ event, callSid, code, message, direction }) {
  const about = `${direction} ${callSid}`.trim();
  if (event === "error") {
    report({ state: "error", sdk_event: "call.error", code: code ?? null, message: `${message} (${about})` });
  } else if (REPORTED[event]) {
    report({ state: REPORTED[event], sdk_event: event, message: about });
  }
}

/** @param {number | null} code */
function heardCallError(code) {
  if (code === null || !MICROPHONE_CODES.includes(code)) return;
  const isMissing = ["NotFoundError", "OverconstrainedError"].includes(device.microphoneError);
  showLocal(isMissing ? "microphone_missing" : "microphone_denied");
}

/**
 * @param {string} warning
 * @param {import("./call-state.js").CallView} call
 */
function heardWarning(warning, { openedAt }) {
  if (warning !== "low-bytes-received" && warning !== "ice-connectivity-lost") return;
  if (openedAt !== null && Date.now() - openedAt < SOUND_EXPECTED_WITHIN_MS) showLocal("media_blocked");
}

/** @param {string} code */
function showLocal(code) {
  const verdict = data.verdicts[code];
  if (verdict) registration.heardVerdict(verdict);
}

/** @param {{type: string, [key: string]: any}} frame */
function heardServer(frame) {
  if (frame.type === "verdict") registration.heardVerdict(frame.verdict);
  else if (frame.type === "credentials_changed") registration.restart();
  else if (frame.type === "signed_out") leaveToSignIn();
  else if (frame.type === "taken_over") {
    registration.stop();
    change({ isTakenOver: true });
  }
}

/**
 * @param {string} to
 * @param {string} callFrom
 * @param {string} name
 */
async function placeCall(to, callFrom, name) {
  if (activeCall(view.calls)) return;
  try {
    await device.connect({ to, callFrom, name });
  } catch (error) {
    const words = error instanceof Error ? error.message : "The call could not be made.";
    report({ state: "error", sdk_event: "call.connect", message: words });
    change({ notice: "The call could not be made. Try again in a moment." });
  }
}

/**
 * @param {string} id
 * @param {string} digit
 */
function sendDigit(id, digit) {
  device.sendDigits(id, digit);
  change({ digits: view.digits + digit });
}

function keepTime() {
  clearInterval(clock);
  if (view.calls.length) clock = setInterval(() => change({}), 500);
}

/** @param {Report} entry */
function log({ state, sdk_event, code, message }) {
  const short = message?.replace(/\bCA[0-9a-f]{26}/g, "…");
  const words = [sdk_event, code && `code ${code}`, short].filter(Boolean).join(" · ");
  page.log({ at: new Date(), state: eventWords[state] ?? state, words });
}

function leaveToSignIn() {
  isLeaving = true;
  location.assign(addresses.signIn ?? "/");
}

addEventListener("online", () => {
  relay.socket.redial();
  registration.restart();
});
addEventListener("offline", () => registration.wentOffline());
addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
  if (effectiveDirective === "connect-src") isBlockedByPolicy = true;
});
addEventListener("pagehide", () => {
  report({ state: "offline", sdk_event: "destroyed", message: "The page was left." });
  isLeaving = true;
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  isLeaving = false;
  relay.socket.redial();
  registration.restart();
});
watchSleep(() => {
  relay.socket.redial();
  registration.restart();
});

page.draw(view);
const wanted = new URLSearchParams(location.search).get("call");
if (wanted) page.dialler.prefill(wanted);
relay.socket.connect();
registration.restart();
void relayOrphans({ socketUrl, identity: data.identity, pageSession, storage: localStorage });
