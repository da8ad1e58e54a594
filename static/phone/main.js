// @ts-check
/**
 * Wires the rooms: `relay/` (all that goes to Dog n Bone's server), `device/` (Twilio's SDK), `calls/` and
 * `page/` (the document). Each may import from itself and from those named before it, and none from here.
 */

import { Phone } from "./calls/phone.js";
import { drawLevels } from "./page/call-cards.js";
import { Recorder } from "./device/recorder.js";
import { followAnsweringPane } from "./page/answering-pane.js";
import { DoNotDisturb } from "./page/do-not-disturb.js";
import { readAddresses, readCsrfToken, readPageData, readWantedCall, socketUrlOf } from "./page/handed-over.js";
import { PageLife } from "./page/life.js";
import { ImportProgress } from "./page/import-progress.js";
import { log } from "./page/log.js";
import { Page, isMuffled } from "./page/page.js";
import { Panes } from "./page/panes.js";
import { Recents } from "./page/recents.js";
import { SupportFacts } from "./page/support-facts.js";
import { LiveView } from "./page/view.js";
import { askDeed, fetchEnding, fetchToken, fetchWhom, sendGreeting } from "./relay/backend.js";
import { readCallStates } from "./relay/call-states.js";
import { askDoNotDisturb } from "./relay/do-not-disturb.js";
import { ErrorStorm } from "./relay/error-storm.js";
import { makeUuid } from "./relay/ids.js";
import { Relay, relayOrphans } from "./relay/relay.js";
import { fetchSuggestions } from "./relay/suggestions.js";
import { makeSteadyInterval } from "./relay/steady-clock.js";
import { mayCall } from "./relay/token-reading.js";
import { TokenSource } from "./relay/token-source.js";

/** @import { Token } from "./relay/backend.js"; */
/** @import { Report } from "./relay/device-events.js"; */

const SIGNED_OUT = "You are signed out. Your call goes on; once it is over, you are asked to sign in again.";

const data = readPageData();
const addresses = readAddresses();
const pageSession = makeUuid();
const sender = { socketUrl: socketUrlOf(data.socket_path), identity: data.identity, pageSession, storage: localStorage };

const view = new LiveView((now) => page.draw(now), { isMuffled: isMuffled() });

const life = new PageLife({
  isInCall: () => phone.switchboard.active !== null,
  startOver: () => {
    relay.socket.redial();
    phone.registration.restart();
  },
  wentOffline: () => phone.registration.wentOffline(),
  leaving: () => {
    phone.notes.flush();
    phone.device.calls.letRing();
    report({ state: "offline", sdk_event: "destroyed", message: "The page was left." });
  },
});

const relay = new Relay({
  ...sender,
  getState: () => view.current.situation.state,
  every: makeSteadyInterval(addresses.heartbeat ?? ""),
  handlers: {
    opened: () => {
      // What was pushed meanwhile is lost.
      if (view.current.isServerLost) recents.heard();
      view.change({ isServerLost: false });
      void undisturbed.refresh();
    },
    closed: lostServer,
    signedOut: leaveToSignIn,
    frame: heardServer,
  },
});

const tokens = new TokenSource({
  fetchToken: () => fetchToken({ url: data.token_url, pageSession, csrfToken: readCsrfToken() }),
  send: (frame) => relay.socket.send(frame),
});

/** @param {Token} token */
function learnWhatItMay(token) {
  view.change({ canCall: mayCall(token.token) });
  return token;
}

const phone = new Phone({
  sounds: data.sounds,
  verdicts: data.verdicts,
  codes: data.codes,
  causes: data.causes,
  fetchToken: async () => learnWhatItMay(await tokens.fetch()),
  renewToken: async () => learnWhatItMay(await tokens.renew()),
  fetchEnding: (callSid, isOpen, heard) =>
    fetchEnding(data.ending_url.replace("CALL_SID", encodeURIComponent(callSid)) + (isOpen ? "?open" : ""), heard),
  askDeed: (callSid, deed, fields) => {
    const url = data.deed_url.replace("CALL_SID", encodeURIComponent(callSid)).replace("DEED", deed);
    return askDeed({ url, fields, csrfToken: readCsrfToken(), outlivesPage: deed === "note" });
  },
  report,
  showSituation: (situation) => {
    support.noteVerdict(situation.verdict);
    view.change({ situation, serverAhead: tokens.serverAhead });
    if (situation.state === "ready") void page.dialler.learnNumbers(addresses.numbers ?? "");
  },
  showBoard: (board) => {
    view.change({ board });
    life.callsChanged();
  },
  showDeeds: (inCall) => view.change({ inCall }),
  showNotes: (notes) => view.change({ notes }),
  showLevels: drawLevels,
  signedOut: leaveToSignIn,
  isLeaving: () => life.isLeaving,
  isOnline: () => navigator.onLine,
  isBlockedByPolicy: () => life.isBlockedByPolicy,
});

const support = new SupportFacts({ pageSession, product: data.support, device: phone.device, relay, view });

const page = new Page(
  {
    handset: phone.handset,
    askWhom: (typed, callFrom) => fetchWhom({ url: data.whom_url, typed, callFrom, csrfToken: readCsrfToken() }),
    suggest: (typed, signal) => fetchSuggestions({ url: data.suggestions_url, typed, signal }),
    retry: () => phone.registration.restart(),
    dismiss: () => phone.registration.dismiss(),
    supportReport: () => support.report(),
    touched: () => view.change({ isMuffled: false }),
  },
  data.dialling,
  data.colleagues,
);

const panes = new Panes({
  callBack: (address, callFrom) => page.dialler.callBack(address, callFrom),
  leave: (url) => life.leaveTo(url),
  counted: (unseen) => page.badge.counted(unseen),
});

const recents = new Recents((url, part) => panes.renew(url, part));
new ImportProgress((url, part) => panes.renew(url, part));
const undisturbed = new DoNotDisturb((isOn) =>
  askDoNotDisturb({ url: data.do_not_disturb_url, isOn, csrfToken: readCsrfToken() }),
);

followAnsweringPane({
  recorder: new Recorder(),
  upload: (url, wav) => sendGreeting({ url, wav, csrfToken: readCsrfToken() }),
});

const storm = new ErrorStorm((some) => {
  relay.report(some);
  support.noteDeed(some);
  log(some);
});

/** @param {Report} some */
function report(some) {
  if (!life.isLeaving) storm.take(some);
}

/** @param {{type: string, [key: string]: any}} frame */
function heardServer(frame) {
  tokens.heard(frame);
  if (frame.type === "verdict") phone.registration.heardVerdict(frame.verdict);
  else if (frame.type === "calls") phone.deeds.heard(readCallStates(frame));
  else if (frame.type === "credentials_changed") phone.registration.restart();
  else if (frame.type === "counts") panes.showCounts(frame);
  else if (frame.type === "recents") recents.heard(String(frame.call ?? ""));
  else if (frame.type === "do_not_disturb") undisturbed.show(frame.is_on === true);
  else if (frame.type === "signed_out") leaveToSignIn();
}

function lostServer() {
  tokens.lost();
  view.change({ isServerLost: true });
}

function leaveToSignIn() {
  if (!life.leaveTo(addresses.signIn ?? "/")) panes.say(SIGNED_OUT);
}

view.change({});
const wanted = readWantedCall();
if (wanted) page.dialler.prefill(wanted);
relay.socket.connect();
phone.registration.restart();
void relayOrphans(sender);
