// @ts-check
/** Wires the page, the Device, its registration, its calls and the relay. */

import { RingingTone, isMuffled } from "./calls/ringing-tone.js";
import { Switchboard } from "./calls/switchboard.js";
import { eventWords } from "./calls/words.js";
import { PhoneDevice } from "./device/device.js";
import { Registration } from "./device/registration.js";
import { Page } from "./page/page.js";
import { readAddresses, readPageData } from "./page/parts.js";
import { MOST_DEEDS, buildReport } from "./page/support-report.js";
import { watchSleep } from "./page/wake.js";
import { fetchEnding, fetchToken, readCsrfToken } from "./relay/backend.js";
import { ErrorStorm } from "./relay/error-storm.js";
import { Relay, relayOrphans } from "./relay/relay.js";
import { makeSteadyInterval } from "./relay/steady-clock.js";

/** @import { CallView } from "./calls/call-state.js"; */
/** @import { DeviceEvent } from "./device/device.js"; */
/** @import { View } from "./page/page.js"; */
/** @import { Deed, Facts } from "./page/support-report.js"; */
/** @import { Report } from "./relay/device-events.js"; */

const data = readPageData();
const addresses = readAddresses();
const pageSession = crypto.randomUUID();
const socketUrl = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${data.socket_path}`;

let isLeaving = false;
let isBlockedByPolicy = false;
/** @type {Deed[]} */
let deeds = [];
/** @type {Facts["found"]} */
let found = null;
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;
/** @type {View} */
let view = {
  situation: { state: "connecting", verdict: null, isRetrying: true },
  board: { calls: [], notice: "", digits: "", isKeypadOpen: false },
  isTakenOver: false,
  isServerLost: false,
  isMuffled: isMuffled(),
  now: Date.now(),
};

const tone = new RingingTone(data.sounds.outgoing);

const page = new Page({
  call: (to, callFrom, name) => void placeCall(to, callFrom, name),
  hangUp: () => withActive(({ id }) => device.calls.get(id)?.disconnect()),
  mute: () => withActive(({ id, isMuted }) => device.calls.get(id)?.mute(!isMuted)),
  keypad: () => switchboard.toggleKeypad(),
  digit: (digit) => withActive((call) => sendDigit(call, digit)),
  answer: (id) => device.calls.get(id)?.accept(),
  decline: (id) => device.calls.get(id)?.reject(),
  retry: () => {
    change({ isTakenOver: false });
    registration.restart();
  },
  dismiss: () => registration.dismiss(),
  supportReport: makeSupportReport,
  touched: () => change({ isMuffled: false }),
});

const relay = new Relay({
  socketUrl,
  identity: data.identity,
  pageSession,
  storage: localStorage,
  getState: () => view.situation.state,
  every: makeSteadyInterval(addresses.heartbeat ?? ""),
  handlers: {
    opened: () => change({ isServerLost: false }),
    closed: () => change({ isServerLost: true }),
    signedOut: leaveToSignIn,
    frame: heardServer,
  },
});

const storm = new ErrorStorm((report) => {
  relay.report(report);
  deeds = [...deeds, { ...report, at: new Date() }].slice(-MOST_DEEDS);
  log(report);
});

const switchboard = new Switchboard({
  changed: (board) => {
    change({ board });
    keepTime();
  },
  report,
  playTone: (isWanted) => tone.play(isWanted),
  suspect: (code) => data.verdicts[code] && registration.heardVerdict(data.verdicts[code]),
  getMicrophoneError: () => device.microphoneError,
  ended: () => registration.callEnded(),
  askEnding: (callSid) => fetchEnding(data.ending_url.replace("CALL_SID", encodeURIComponent(callSid))),
});

const device = new PhoneDevice({
  sounds: data.sounds,
  handlers: {
    device: heardDevice,
    expiring: () => void registration.renewal.now(),
    call: (news) => switchboard.heard(news),
    volume: (id, input, output) => withActive((call) => call.id === id && page.drawLevels(input, output)),
  },
});

const registration = new Registration({
  fetchToken: () =>
    fetchToken({ url: data.token_url, pageSession, csrfToken: readCsrfToken(document.cookie) }),
  device,
  report,
  changed: (situation) => {
    noteVerdict(situation.verdict);
    change({ situation });
  },
  signedOut: leaveToSignIn,
  isInCall: () => switchboard.isBusy,
  isOnline: () => navigator.onLine,
  isBlockedByPolicy: () => isBlockedByPolicy,
  verdicts: data.verdicts,
});

/** @param {View["situation"]["verdict"]} verdict */
function noteVerdict(verdict) {
  if (verdict && verdict !== found?.verdict) found = { verdict, at: new Date(), isOver: false };
  else if (found) found.isOver = !verdict;
}

function makeSupportReport() {
  return buildReport({
    now: new Date(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    pageSession,
    product: data.support,
    sdk: device.version,
    browser: navigator.userAgent,
    isOnline: navigator.onLine,
    edge: device.edge,
    roundTrip: { server: relay.roundTrip, call: device.calls.roundTrip },
    state: view.situation.state,
    found,
    deeds,
  });
}

/** @param {Partial<View>} some */
function change(some) {
  view = { ...view, ...some, now: Date.now() };
  page.draw(view);
}

/** @param {(call: CallView) => unknown} act */
function withActive(act) {
  const call = switchboard.active;
  if (call) act(call);
}

/** @param {Report} some */
function report(some) {
  if (!isLeaving) storm.take(some);
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
  if (switchboard.active) return;
  try {
    await device.connect({ to, callFrom, name });
  } catch (error) {
    switchboard.failed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {CallView} call
 * @param {string} digit
 */
function sendDigit({ id, status }, digit) {
  if (status !== "open") return;
  device.calls.get(id)?.sendDigits(digit);
  switchboard.sent(digit);
}

function keepTime() {
  if (switchboard.isBusy) {
    clock ??= setInterval(() => change({}), 500);
  } else {
    clearInterval(clock);
    clock = undefined;
  }
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

function startOver() {
  relay.socket.redial();
  registration.restart();
}

addEventListener("online", startOver);
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
  startOver();
});
watchSleep(startOver);

page.draw(view);
const wanted = new URLSearchParams(location.search).get("call");
if (wanted) page.dialler.prefill(wanted);
relay.socket.connect();
registration.restart();
void relayOrphans({ socketUrl, identity: data.identity, pageSession, storage: localStorage });
