import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { readWay } from "../../../static/phone/device/peer-connections.js";
import { SoundFigures } from "../../../static/phone/device/sound-figures.js";
import { CHECKS, findingOfMicrophone, lineOfServer, linesOfSound } from "../../../static/phone/device/test-findings.js";

const figures = { roundTrip: 45.4, jitter: 3.2, loss: 0.04, bytesReceived: 9_000, bytesSent: 9_000, seconds: 6 };
const way = { path: "udp", isConnected: true, lossOut: 0 };
const findings = (lines) => Object.fromEntries(lines.map(({ check, finding }) => [check, finding]));

test("every refusal of a microphone has its finding", () => {
  for (const [refusal, finding] of [
    ["", "ok"],
    ["microphone_denied", "denied"],
    ["microphone_dismissed", "dismissed"],
    ["microphone_system", "system"],
    ["microphone_policy", "policy"],
    ["microphone_insecure", "insecure"],
    ["microphone_none", "none"],
    ["microphone_in_use", "in_use"],
    ["microphone_missing", "broke"],
  ]) {
    assert.equal(findingOfMicrophone(refusal), finding);
  }
});

test("our server is told from what answers in its place, and from one that is ill", () => {
  const answer = (status, isOurs, milliseconds = 12.4) => lineOfServer({ status, isOurs, milliseconds });
  assert.deepEqual(answer(200, true), { check: "server", finding: "ok", value: 12 });
  assert.equal(answer(200, true, 3_000).finding, "slow");
  assert.equal(answer(401, true).finding, "signed_out");
  assert.equal(answer(200, false).finding, "foreign");
  assert.equal(answer(0, false).finding, "foreign");
  assert.equal(answer(503, false).finding, "ill");
  assert.equal(lineOfServer(null).finding, "away");
});

test("sound that goes both ways is good, with its figures", () => {
  assert.deepEqual(linesOfSound({ media: "", figures, way }), [
    { check: "media", finding: "ok" },
    { check: "round_trip", finding: "ok", value: 45 },
    { check: "jitter", finding: "ok", value: 3 },
    { check: "loss", finding: "ok", value: 0 },
    { check: "path", finding: "udp" },
  ]);
});

test("each figure that is too high is bad by itself; what is lost on the way out counts, too", () => {
  const bad = { ...figures, roundTrip: 401, jitter: 31, loss: 1 };
  const lines = linesOfSound({ media: "", figures: bad, way: { ...way, lossOut: 12.34, path: "relay_tcp" } });
  assert.deepEqual(findings(lines), { media: "ok", round_trip: "high", jitter: "high", loss: "high", path: "relay_tcp" });
  assert.equal(lines[3].value, 12.3);
});

test("it is told which way sound is blocked", () => {
  const media = (some, its = way) => findings(linesOfSound({ media: "", figures: { ...figures, ...some }, way: its })).media;
  assert.equal(media({ bytesReceived: 0 }), "nothing_comes");
  assert.equal(media({ bytesReceived: 0 }, { ...way, isConnected: false }), "no_way");
  assert.equal(media({ bytesSent: 0 }), "nothing_goes");
  assert.equal(media({}, { ...way, lossOut: 100 }), "nothing_goes");
  assert.equal(media({ seconds: 0 }), "not_yet");
  assert.equal(media({}, null), "ok");
});

test("without sound there are no figures, and what a browser does not tell is said so", () => {
  const none = linesOfSound({ media: "no_way", figures: null, way: null });
  assert.deepEqual(findings(none), { media: "no_way", round_trip: "no_sound", jitter: "no_sound", loss: "no_sound", path: "no_sound" });
  const untold = linesOfSound({ media: "", figures: { ...figures, roundTrip: null, loss: null }, way: { ...way, path: null, lossOut: null } });
  assert.deepEqual(findings(untold), { media: "ok", round_trip: "not_told", jitter: "ok", loss: "not_told", path: "not_told" });
});

test("the figures are of the last seconds, without the first", () => {
  const sound = new SoundFigures();
  assert.deepEqual([sound.figures.roundTrip, sound.figures.loss, sound.figures.seconds], [null, null, 0]);
  sound.take({ rtt: 900, jitter: 80, packetsLost: 40, packetsReceived: 10, bytesReceived: 100, bytesSent: 50 });
  for (const rtt of [30, 50, 40]) sound.take({ rtt, jitter: NaN, packetsLost: 1, packetsReceived: 49, bytesReceived: 100 });
  assert.deepEqual(sound.figures, { roundTrip: 40, jitter: null, loss: 2, bytesReceived: 400, bytesSent: 50, seconds: 4 });
  for (let second = 0; second < 30; second += 1) sound.take({ rtt: 10 });
  assert.deepEqual([sound.figures.roundTrip, sound.figures.seconds], [10, 10]);
});

test("the way of the sound is that of the chosen pair, in each browser's words", () => {
  const pair = { id: "P", type: "candidate-pair", localCandidateId: "L", remoteCandidateId: "R" };
  const local = { id: "L", type: "local-candidate", candidateType: "srflx", protocol: "udp" };
  const remote = { id: "R", type: "remote-candidate", candidateType: "host", protocol: "udp" };
  const transport = { id: "T", type: "transport", selectedCandidatePairId: "P" };
  const pathOf = (...stats) => readWay(stats).path;
  assert.equal(pathOf(transport, pair, local, remote), "udp");
  assert.equal(pathOf({ ...pair, selected: true }, local, remote), "udp");
  assert.equal(pathOf(transport, pair, { ...local, protocol: "tcp" }, remote), "tcp");
  assert.equal(pathOf(transport, pair, { ...local, candidateType: "relay", relayProtocol: "tls" }, remote), "relay_tcp");
  assert.equal(pathOf(transport, pair, { ...local, candidateType: "relay", relayProtocol: "udp" }, remote), "relay_udp");
  assert.equal(pathOf(transport, { ...pair, id: "other" }, local, remote), null);
  const report = { id: "I", type: "remote-inbound-rtp", localId: "O", packetsLost: 5 };
  assert.equal(readWay([report, { id: "O", type: "outbound-rtp", packetsSent: 50 }]).lossOut, 10);
  assert.equal(readWay([report]).lossOut, null);
});

test("the page's lines are the server's, in the same order", () => {
  const texts = readFileSync(new URL("../../../phone/connection_tests/texts.py", import.meta.url), "utf8");
  const server = [...texts.matchAll(/^    "(\w+)": Check\($/gm)].map(([, slug]) => slug);
  assert.deepEqual(CHECKS, server);
});
