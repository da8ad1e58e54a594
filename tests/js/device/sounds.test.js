import assert from "node:assert/strict";
import test from "node:test";

import { Sounds } from "../../../static/phone/device/sounds.js";

/** An `<audio>` that plays only while the browser allows it. */
class FakeAudio {
  paused = true;
  currentTime = 0;
  loop = false;
  sinkId = "";

  constructor(url, browser) {
    this.url = url;
    this.browser = browser;
  }

  async play() {
    if (this.browser.forbids) throw Object.assign(new Error("no"), { name: "NotAllowedError" });
    this.paused = false;
  }

  pause() {
    this.paused = true;
  }

  async setSinkId(id) {
    if (id === this.browser.gone) throw Object.assign(new Error("gone"), { name: "NotFoundError" });
    this.sinkId = id;
  }
}

function makeSounds() {
  const browser = { forbids: false, gone: "", audios: [] };
  const sounds = new Sounds((url) => {
    browser.audios.push(new FakeAudio(url, browser));
    return browser.audios.at(-1);
  });
  const ring = new sounds.Sound("incoming", "/incoming.wav", { shouldLoop: true });
  const key = new sounds.Sound("dtmf1", "/dtmf1.wav", { maxDuration: 1000 });
  const heard = () => browser.audios.filter((one) => !one.paused).map((one) => `${one.url} on ${one.sinkId || "default"}`);
  return { sounds, ring, key, browser, heard };
}

test("nothing is fetched before the phone is ready, and then only what is needed at once", () => {
  const { sounds, browser } = makeSounds();
  assert.equal(browser.audios.length, 0);
  sounds.fetch();
  sounds.fetch();
  assert.deepEqual(browser.audios.map((one) => one.url), ["/incoming.wav"]);
});

test("a ring goes on until it is stopped, and begins at its beginning the next time", async () => {
  const { ring, heard, browser } = makeSounds();
  await ring.play();
  assert.deepEqual([heard(), browser.audios[0].loop, ring.isPlaying], [["/incoming.wav on default"], true, true]);
  browser.audios[0].currentTime = 3;
  ring.stop();
  assert.deepEqual([heard(), browser.audios[0].currentTime, ring.isPlaying], [[], 0, false]);
});

test("a key's sound ends by itself", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { key, heard } = makeSounds();
  await key.play();
  t.mock.timers.tick(999);
  assert.equal(heard().length, 1);
  t.mock.timers.tick(1);
  assert.equal(heard().length, 0);
});

test("what the browser forbids is heard as soon as somebody touches the page, if it still rings", async () => {
  const { sounds, ring, key, browser, heard } = makeSounds();
  browser.forbids = true;
  await assert.rejects(ring.play(), { name: "NotAllowedError" });
  await assert.rejects(key.play(), { name: "NotAllowedError" });
  key.stop();
  browser.forbids = false;
  sounds.allow();
  await Promise.resolve();
  assert.deepEqual(heard(), ["/incoming.wav on default"]);
});

test("a ring moves to the devices that are chosen while it rings", async () => {
  const { ring, heard } = makeSounds();
  await ring.play();
  ring.setSinkIds(["speaker", "headset"]);
  await new Promise(setImmediate);
  assert.deepEqual(heard(), ["/incoming.wav on speaker", "/incoming.wav on headset"]);
});

test("on a device that is gone, or refused, it is heard on the system's own", async () => {
  const { ring, browser, heard } = makeSounds();
  browser.gone = "headset";
  ring.setSinkIds(["headset", "speaker"]);
  await ring.play();
  assert.deepEqual(heard(), ["/incoming.wav on default", "/incoming.wav on speaker"]);
});

test("with its Device a sound ends", async () => {
  const { sounds, ring, heard } = makeSounds();
  await ring.play();
  sounds.forget();
  assert.deepEqual(heard(), []);
});
