// @ts-check
/**
 * Wires the rooms: `relay/` (all that goes to Dog n Bone's server), `device/` (Twilio's SDK), `tabs/` (which tab is
 * the phone), `calls/` and `page/` (the document). Each may import from itself and from those named before it, and
 * none from here.
 */

import { askDeed, fetchEnding, fetchToken, fetchWhom, sendGreeting } from "./relay/backend.js";
import { readCallStates } from "./relay/call-states.js";
import { Echo, UntoldTests, askServer, tellTest } from "./relay/connection-test.js";
import { askDoNotDisturb } from "./relay/do-not-disturb.js";
import { ErrorStorm } from "./relay/error-storm.js";
import { askForPhone, readElsewhere } from "./relay/one-device.js";
import { tellPush } from "./relay/push.js";
import { Relay, relayOrphans } from "./relay/relay.js";
import { makeSteadyInterval } from "./relay/steady-clock.js";
import { fetchSuggestions } from "./relay/suggestions.js";
import { mayCall } from "./relay/token-reading.js";
import { TokenSource } from "./relay/token-source.js";
import { Devices, STORAGE_KEY } from "./device/devices.js";
import { Microphone } from "./device/microphone.js";
import { Recorder } from "./device/recorder.js";
import { goOnFrom } from "./tabs/early-line.js";
import { Place } from "./tabs/place.js";
import { Tabs } from "./tabs/tabs.js";
import { browserOf, tellHowToAllow } from "./calls/allowing.js";
import { takeColleagues } from "./calls/colleagues.js";
import { ConnectionTest, reportOfTest } from "./calls/connection-test.js";
import { Phone } from "./calls/phone.js";
import { Presences } from "./calls/presences.js";
import { SharedHandset } from "./calls/shared-handset.js";
import { followAnsweringPane } from "./page/answering-pane.js";
import { drawLevels } from "./page/call-cards.js";
import { ConnectionPane } from "./page/connection-pane.js";
import { DoNotDisturb } from "./page/do-not-disturb.js";
import {
  readAddresses,
  readCsrfToken,
  readEarlyLine,
  readPageData,
  readWantedCall,
  sdkRun,
  socketUrlOf,
} from "./page/handed-over.js";
import { Htmx } from "./page/bring-htmx.js";
import { ImportProgress } from "./page/import-progress.js";
import { Launches } from "./page/launches.js";
import { PageLife, isForbidden } from "./page/life.js";
import { ListedPeople } from "./page/listed-people.js";
import { Log } from "./page/log.js";
import { Page, isMuffled } from "./page/page.js";
import { Panes } from "./page/panes.js";
import { followPlayers } from "./page/players.js";
import { PresenceMarks } from "./page/presence-marks.js";
import { Recents } from "./page/recents.js";
import { followSoundPane } from "./page/sound-pane.js";
import { JOINED_WITHIN_MS, Start } from "./page/start.js";
import { SupportFacts } from "./page/support-facts.js";
import { ThisBrowser } from "./page/this-browser.js";
import { LiveView } from "./page/view.js";
import { Waking } from "./page/waking.js";
import { namePhoneInSettings, showIn } from "./page/whereabouts.js";
import { Worker } from "./page/worker.js";
import { gettext } from "../texts.js";

/** @import { Token, Verdict } from "./relay/backend.js"; */
/** @import { CallState } from "./relay/call-states.js"; */
/** @import { Report } from "./relay/device-events.js"; */
/** @import { PlaceTold } from "./tabs/place.js"; */
/** @import { Happening } from "./page/life.js"; */
/** @import { Known } from "./page/whereabouts.js"; */

const SIGNED_OUT = gettext("You are signed out. Your call goes on; once it is over, you are asked to sign in again.");

const data = readPageData();
const addresses = readAddresses();
const pageSession = data.page_session;
const sender = { socketUrl: socketUrlOf(data.socket_path), identity: data.identity, pageSession, storage: localStorage };

const howToAllow = data.allow_microphone[browserOf(navigator.userAgent, navigator.maxTouchPoints)];
const { verdicts, causes } = tellHowToAllow(data, howToAllow);
const devices = new Devices({ storage: localStorage });
const recorder = new Recorder(new Microphone({ choice: devices, isForbidden }));

const view = new LiveView({ isMuffled: isMuffled() });

const life = new PageLife({
  isInCall: () => phone.switchboard.active !== null,
  startOver: (why) => {
    tell(why);
    relay.socket.redial();
    phone.restart();
  },
  wentOffline: () => !phone.isResting && phone.registration.wentOffline(),
  leaving: ({ name, words }) => {
    phone.notes.flush();
    phone.device.letRing();
    if (!phone.isResting) report({ state: "offline", sdk_event: name, message: words });
  },
  putAside: () => place.leave(),
  cameBack: (why) => {
    tell(why);
    relay.socket.redial();
    place.join();
  },
});

/** @param {Happening} why What happened to the page, before anything is made of it. */
function tell({ name, words }) {
  if (!phone.isResting) report({ state: "connecting", sdk_event: name, message: words });
}

const relay = new Relay({
  ...sender,
  getState: () => (phone.isResting ? "offline" : phone.registration.situation.state),
  every: makeSteadyInterval(addresses.heartbeat ?? ""),
  handlers: {
    opened: () => {
      // What was pushed meanwhile is lost.
      if (view.current.isServerLost) recents.heard();
      view.change({ isServerLost: false });
      void undisturbed.refresh();
      void untoldTests.flush();
    },
    closed: lostServer,
    signedOut: leaveToSignIn,
    frame: heardServer,
  },
});

const tokens = new TokenSource({
  fetchToken: () => fetchToken({ url: data.token_url, pageSession, csrfToken: readCsrfToken() }),
  send: (frame) => relay.socket.send(frame),
  first: data.first_token,
});

/** @param {Token} token */
function learnWhatItMay(token) {
  own.canCall = mayCall(token.token);
  return token;
}

const start = new Start(() => belong());

/** What this page knows by itself; in a spare tab another one knows better. */
const own = { board: view.current.board, canCall: true, serverAhead: 0 };

const phone = new Phone({
  sounds: data.sounds,
  devices,
  isForbidden,
  verdicts,
  codes: data.codes,
  causes,
  fetchToken: async () => {
    const token = learnWhatItMay(await tokens.fetch());
    await sdkRun(() => phone.device.isSdkHere);
    return token;
  },
  renewToken: async () => learnWhatItMay(await tokens.renew()),
  fetchEnding: (callSid, isOpen, heard) =>
    fetchEnding(data.ending_url.replace("CALL_SID", encodeURIComponent(callSid)) + (isOpen ? "?open" : ""), heard),
  askDeed: (callSid, deed, fields) => {
    const url = data.deed_url.replace("CALL_SID", encodeURIComponent(callSid)).replace("DEED", deed);
    return askDeed({ url, fields, csrfToken: readCsrfToken(), outlivesPage: deed === "note" });
  },
  report,
  showSituation: (situation) => {
    own.serverAhead = tokens.serverAhead;
    place.situationChanged(situation);
    show();
    start.deviceIs(situation.state);
  },
  showBoard: (board) => {
    own.board = board;
    show();
    life.callsChanged();
    connectionTest.callsChanged();
  },
  showDeeds: (inCall) => view.change({ inCall }),
  showNotes: (notes) => view.change({ notes }),
  showLevels: drawLevels,
  signedOut: leaveToSignIn,
  isLeaving: () => life.isLeaving,
  isOnline: () => navigator.onLine,
  isBlockedByPolicy: () => life.isBlockedByPolicy,
});

const tabs = new Tabs({
  id: pageSession,
  name: `dognbone.phone.${data.identity}`,
  locks: goOnFrom(readEarlyLine(), navigator.locks),
  openChannel: globalThis.BroadcastChannel && ((name) => new BroadcastChannel(name)),
  every: makeSteadyInterval(addresses.heartbeat ?? ""),
  getTold: tellSpares,
  became: (role) => place.became(role),
  heard: () => place.heard(),
  asked: (deed, args) => (deed in chores ? chores[deed]?.() : handset.doFor(deed, args)),
});

/** @returns {PlaceTold & Known} */
function tellSpares() {
  return { ...own, isBusy: phone.switchboard.isBusy, situation: place.situation, elsewhere: place.elsewhere };
}

const place = new Place({
  tabs,
  phone,
  isToClaim: data.wants_one_device,
  claim: (isFirm) => askForPhone({ url: data.here_url, pageSession, isFirm, csrfToken: readCsrfToken() }),
  report,
  changed: show,
});

const handset = new SharedHandset(phone, {
  isHere: () => place.isHere,
  ask: (deed, ...args) => tabs.ask(deed, ...args),
  bring: () => place.useHere(),
});

/** @type {Record<string, () => void>} What a spare has the phone do, that is about no call. */
const chores = {
  retry: () => phone.restart(),
  dismiss: () => phone.registration.dismiss(),
};

/** @param {string} name */
function chore(name) {
  if (place.isHere) chores[name]?.();
  else tabs.ask(name);
}

/** Draws what the phone is doing, wherever it is, and tells it to the spares. */
function show() {
  const { situation } = place;
  start.phoneIs(situation.state);
  support.noteVerdict(situation.verdict);
  view.change({ ...showIn({ own, told: place.isHere ? null : tabs.told }), situation, where: place.where });
  tabs.tell();
}

const presences = new Presences();
presences.heard(data.colleagues);

const support = new SupportFacts({ pageSession, product: data.support, device: phone.device, relay, view });

const log = new Log();
const storm = new ErrorStorm((some) => {
  relay.report(some);
  support.noteDeed(some);
  log.add(some);
});

const drawn = start.draw();
place.join();
// With the token at hand, the Device knocks at Twilio's before the rest of the page is wired, which takes longer.
if (data.first_token) await place.joined(JOINED_WITHIN_MS);

const page = new Page(
  {
    handset,
    askWhom: (typed, callFrom) => fetchWhom({ url: data.whom_url, typed, callFrom, csrfToken: readCsrfToken() }),
    suggest: (typed, signal) => fetchSuggestions({ url: data.suggestions_url, typed, signal }),
    retry: () => chore("retry"),
    dismiss: () => chore("dismiss"),
    useHere: () => void place.useHere(),
    supportReport: () => support.report(),
    touched: () => {
      view.change({ isMuffled: false });
      phone.device.sounds.allow();
    },
    hintFor: (colleague) => presences.hintFor(colleague),
    presenceOf: (to) => presenceMarks.wordsOf(to),
  },
  data.dialling,
  data.colleagues,
);

const htmx = new Htmx({ isBusy: () => phone.switchboard.isBusy, waits: () => panes.sayLater() });
const panes = new Panes({
  callBack: (address, callFrom) => page.dialler.callBack(address, callFrom),
  hearEcho: () => page.dialler.hearEcho(),
  leave: (url) => life.leaveTo(url),
  counted: (unseen) => page.badge.counted(unseen),
  htmx: htmx.here,
});

const presenceMarks = new PresenceMarks({
  presences,
  words: data.presence_words,
  changed: () => page.dialler.showHint(),
});

const listedPeople = new ListedPeople({
  renew: (url, part) => panes.renew(url, part),
  renewed: () => {
    presenceMarks.look();
    page.dialler.colleaguesShown();
  },
});

const recents = new Recents((url, part) => panes.renew(url, part));
new ImportProgress((url, part) => panes.renew(url, part));
const undisturbed = new DoNotDisturb((isOn) =>
  askDoNotDisturb({ url: data.do_not_disturb_url, isOn, csrfToken: readCsrfToken() }),
);

const launches = new Launches({
  prefill: (wanted) => {
    panes.showPhone();
    page.dialler.prefill(wanted);
  },
  dial: () => {
    panes.showPhone();
    void drawn.then(() => page.dialler.focus());
  },
});
const worker = new Worker(addresses.worker ?? "", (url) => launches.open(url));
const waking = new Waking({
  key: data.push.key,
  identity: data.identity,
  storage: localStorage,
  ready: worker.ready,
  askPermission: () => Notification.requestPermission(),
  isAllowed: () => "Notification" in globalThis && Notification.permission === "granted",
  keep: (body) => tellPush({ url: data.push.keep_url, body, csrfToken: readCsrfToken() }),
  forget: (endpoint) => tellPush({ url: data.push.forget_url, body: { endpoint }, csrfToken: readCsrfToken() }),
});
new ThisBrowser(waking);

/** The phone is ready, and is shown so: what belongs to it on this machine has its turn, once. */
function belong() {
  worker.begin();
  void waking.renew();
}

const echo = new Echo({ send: (frame) => relay.socket.send(frame) });
const untoldTests = new UntoldTests((test) => tellTest({ url: data.connection_test_url, test, csrfToken: readCsrfToken() }));
const connectionTest = new ConnectionTest({
  askServer: (signal) => askServer(data.connection_test_url, signal),
  echo,
  device: phone.device,
  codes: data.codes,
  getActiveId: () => phone.switchboard.active?.id ?? "",
  mayCall: () => view.current.canCall,
  microphone: new Microphone({ choice: devices, isForbidden }),
  changed: (test) => connectionPane.show(test),
  finished: (test) => {
    support.noteTest(test, connectionPane.read(test));
    void untoldTests.take(reportOfTest(test, pageSession));
  },
});
/** It is the phone's way that is tested: in a spare tab, once the phone has come here. */
async function testConnection() {
  if (place.isHere || (await place.useHere())) await connectionTest.run();
}

const connectionPane = new ConnectionPane({
  start: () => void testConnection(),
  stop: () => connectionTest.stop(),
});

followAnsweringPane({
  recorder,
  whyNot: () => verdicts[recorder.refusal],
  upload: (url, wav) => sendGreeting({ url, wav, csrfToken: readCsrfToken() }),
});

namePhoneInSettings(() => tabs.phone || pageSession);
followSoundPane({
  devices,
  sound: phone.device.sound,
  verdicts,
  recorder,
  isForbidden,
  isTalking: () => phone.device.calls.isTalking,
  isMuted: () => phone.switchboard.active?.isMuted ?? false,
  getCallStream: () => phone.device.callStream,
});
followPlayers(devices);
addEventListener("storage", ({ key }) => key === STORAGE_KEY && devices.reload());

/** @param {Report} some */
function report(some) {
  if (!life.isLeaving) storm.take(some);
}

/** @param {{type: string, [key: string]: any}} frame */
function heardServer(frame) {
  tokens.heard(frame);
  echo.heard(frame);
  if (frame.type === "verdict") hearVerdict(frame.verdict);
  else if (frame.type === "calls") heardCalls(readCallStates(frame));
  else if (frame.type === "credentials_changed") hearCredentials(frame.is_gone === true);
  else if (frame.type === "taken_over") place.takenOver(readElsewhere(frame));
  else if (frame.type === "all_ring") void place.look();
  else if (frame.type === "counts") panes.showCounts(frame);
  else if (frame.type === "presence") heardPeople(frame);
  else if (frame.type === "recents") recents.heard(String(frame.call ?? ""));
  else if (frame.type === "do_not_disturb") undisturbed.show(frame.is_on === true);
  else if (frame.type === "signed_out") leaveToSignIn();
}

/** @param {{[key: string]: any}} frame Of everybody, where somebody may have come or gone. */
function heardPeople({ is_all, people }) {
  const isAnew = is_all === true && takeColleagues(data.colleagues, people, data.email);
  presenceMarks.heard(people);
  if (isAnew) listedPeople.heard();
}

/** @param {boolean} isGone Somebody else has ended this phone: in the middle of a call, too. */
function hearCredentials(isGone) {
  if (!isGone) return phone.restart();
  phone.stop();
  life.leaveTo("/");
}

/** @param {Verdict} verdict About the Device of this page. */
function hearVerdict(verdict) {
  if (!phone.isResting) phone.registration.heardVerdict(verdict);
}

/** @param {CallState[]} calls */
function heardCalls(calls) {
  phone.deeds.heard(calls);
  for (const { callSid, legSid } of calls) if (legSid) worker.pageRings(callSid);
}

function lostServer() {
  tokens.lost();
  view.change({ isServerLost: true });
}

function leaveToSignIn() {
  if (!life.leaveTo(addresses.signIn ?? "/")) panes.say(SIGNED_OUT);
}

view.show((now) => page.draw(now));
void devices.begin();
const wanted = readWantedCall();
if (wanted) page.dialler.prefill(wanted);
void start.settled.then(tellServer);

/** The Device's first words with Twilio have had the machine to themselves; reports have been kept. */
function tellServer() {
  htmx.fetch(addresses.htmx ?? "");
  relay.socket.connect();
  void relayOrphans(sender);
  recents.noteZone();
}
