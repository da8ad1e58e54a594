import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const SCRIPT = readFileSync(new URL("../../../static/service-worker/worker.js", import.meta.url), "utf8");
const ORIGIN = "https://phone.example.com";
const SHELL = {
  version: "2",
  files: ["/static/main.1234.js", "/static/look.5678.css"],
  isHashed: true,
  offline: { en: "/offline/?language=en", de: "/offline/?language=de" },
  language: "en",
  phone: "/",
  signOut: "/accounts/logout/",
  icon: "/static/mark.png",
};

const addressOf = (url) => new URL(url, ORIGIN).pathname + new URL(url, ORIGIN).search;

class StandInCache {
  kept = new Map();
  async addAll(requests) {
    for (const one of requests) await this.add(one);
  }
  async add(request) {
    this.kept.set(addressOf(request.url), { body: `kept ${addressOf(request.url)}`, asked: request });
  }
  async put(url, response) {
    this.kept.set(addressOf(url), response);
  }
  async match(request) {
    return this.kept.get(addressOf(request.url ?? request));
  }
}

/** The browser round a worker, as far as ours uses it. */
class StandInBrowser {
  heard = {};
  caches = new Map();
  notices = [];
  windows = [];
  opened = [];
  badge = null;
  unregistered = 0;
  unsubscribed = 0;
  fetched = [];
  pushManager = { getSubscription: async () => ({ unsubscribe: async () => (this.unsubscribed += 1) }) };
  network = async (request) => ({ body: `fresh ${new URL(request.url).pathname}`, headers: new Headers() });

  constructor(shell = {}, languages = ["en-US"]) {
    const browser = this;
    this.languages = languages;
    this.told = { ...SHELL, ...shell };
    const registration = {
      pushManager: this.pushManager,
      unregister: async () => (browser.unregistered += 1),
      navigationPreload: { enable: async () => (browser.isPreloading = true) },
      async showNotification(title, options) {
        browser.notices = browser.notices.filter(({ tag }) => tag !== options.tag);
        const notice = { title, ...options, close: () => browser.notices.splice(browser.notices.indexOf(notice), 1) };
        browser.notices.push(notice);
      },
      getNotifications: async ({ tag } = {}) => browser.notices.filter((one) => !tag || one.tag === tag),
    };
    const self = {
      shell: this.told,
      registration,
      location: { origin: ORIGIN },
      navigator: {
        languages: this.languages,
        setAppBadge: async (count) => (browser.badge = count),
        clearAppBadge: async () => (browser.badge = 0),
      },
      addEventListener: (name, hear) => (browser.heard[name] = hear),
      skipWaiting: async () => (browser.hasSkipped = true),
      clients: {
        claim: async () => (browser.hasClaimed = true),
        matchAll: async () => browser.windows,
        openWindow: async (url) => browser.opened.push(url),
      },
    };
    vm.runInNewContext(SCRIPT, {
      self,
      URL,
      Request: class {
        constructor(url, options) {
          Object.assign(this, { url: new URL(url, ORIGIN).href, ...options });
        }
      },
      Date,
      Map,
      Response,
      Set,
      setTimeout: (act, after, ...more) => setTimeout(act, after / 1000, ...more),
      fetch: async (request) => {
        browser.fetched.push(new URL(request.url).pathname);
        return browser.network(request);
      },
      caches: {
        open: async (name) => browser.caches.get(name) ?? browser.caches.set(name, new StandInCache()).get(name),
        keys: async () => [...browser.caches.keys()],
        delete: async (name) => browser.caches.delete(name),
      },
    });
  }

  /** What the worker answers; undefined where it leaves the request to the browser. */
  async ask(path, { method = "GET", mode = "no-cors", range = false, origin = ORIGIN, preloadResponse } = {}) {
    let answer;
    const waits = [];
    const headers = { has: (name) => range && name === "range" };
    this.heard.fetch({
      request: { url: origin + path, method, mode, headers },
      preloadResponse: preloadResponse ?? Promise.resolve(undefined),
      respondWith: (given) => (answer = given),
      waitUntil: (given) => waits.push(given),
    });
    await Promise.all(waits);
    return answer && (await answer);
  }

  async send(name, fields = {}) {
    let wait;
    this.heard[name]({ ...fields, waitUntil: (given) => (wait = given) });
    await wait;
  }

  push = (told) => this.send("push", { data: { json: () => told } });
}

const AWAY = async () => {
  throw new TypeError("Failed to fetch");
};
const RING = { kind: "ring", call: "CA1", title: "Eve is calling", body: "", url: "/" };
const OVER = { kind: "over", call: "CA1", title: "Missed call from Eve", body: "", url: "/phone/recents/", is_missed: true };

test("keeps the files of the page and the page for no network, and nothing else", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  const { kept } = browser.caches.get("dnb-shell-2");
  assert.deepEqual([...kept.keys()], [...SHELL.files, ...Object.values(SHELL.offline)]);
  assert.equal(kept.get("/offline/?language=de").asked.credentials, "omit");
  assert.ok(browser.hasSkipped);
});

test("a new version takes over: the old one's files go, others' stay", async () => {
  const browser = new StandInBrowser();
  for (const name of ["dnb-shell-1", "dnb-shell-2", "somebody-elses"]) browser.caches.set(name, new StandInCache());
  await browser.send("activate");
  assert.deepEqual([...browser.caches.keys()], ["dnb-shell-2", "somebody-elses"]);
  assert.ok(browser.hasClaimed && browser.isPreloading);
});

test("answers for files with a hash in their name, and asks nobody for them", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  browser.network = AWAY;
  assert.equal((await browser.ask("/static/main.1234.js")).body, "kept /static/main.1234.js");
  assert.deepEqual(browser.fetched, []);
});

test("while developing, a file comes from the server, and from what was kept only without it", async () => {
  const browser = new StandInBrowser({ isHashed: false });
  await browser.send("install");
  assert.equal((await browser.ask("/static/main.1234.js")).body, "fresh /static/main.1234.js");
  browser.network = AWAY;
  assert.equal((await browser.ask("/static/main.1234.js")).body, "kept /static/main.1234.js");
});

test("leaves alone what is anybody's, what is sent, and what is not ours", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  const left = [
    ["/phone/token/", { method: "POST" }],
    ["/phone/recents/", {}],
    ["/admin/jsi18n/", {}],
    ["/phone/recordings/1/", { range: true }],
    ["/static/main.1234.js", { range: true }],
    ["/static/main.1234.js", { method: "HEAD" }],
    ["/static/other.9999.js", {}],
    ["/static/main.1234.js?x", {}],
    ["/static/main.1234.js", { origin: "https://elsewhere.example" }],
    ["/accounts/login/", { method: "POST", mode: "navigate" }],
  ];
  for (const [path, how] of left) assert.equal(await browser.ask(path, how), undefined, `${path} ${JSON.stringify(how)}`);
});

test("a page comes from the server, as soon as the browser has asked; without it, the page for no network", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  const page = { mode: "navigate" };
  assert.equal((await browser.ask("/phone/recents/", page)).body, "fresh /phone/recents/");
  const preloadResponse = Promise.resolve({ body: "preloaded", headers: new Headers() });
  assert.equal((await browser.ask("/", { ...page, preloadResponse })).body, "preloaded");
  browser.network = AWAY;
  assert.equal((await browser.ask("/", page)).body, "kept /offline/?language=en");
  browser.network = () => new Promise(() => {});
  assert.equal((await browser.ask("/", page)).body, "kept /offline/?language=en");
  assert.equal((await browser.ask("/", { ...page, preloadResponse: Promise.reject(new Error("gone")) })).body, "kept /offline/?language=en");
});

test("the page for no network is in the language of the last page, else in the browser's", async () => {
  const page = { mode: "navigate" };
  const read = async (languages, ...spoken) => {
    const browser = new StandInBrowser({}, languages);
    await browser.send("install");
    for (const language of spoken) {
      browser.network = async () => ({ body: "page", headers: new Headers({ "content-language": language }) });
      await browser.ask("/", page);
    }
    // What a worker has in mind is gone once it has been stopped.
    const again = new StandInBrowser({}, languages);
    again.caches = browser.caches;
    again.network = AWAY;
    return (await again.ask("/", page)).body;
  };
  assert.equal(await read(["de-AT", "en"]), "kept /offline/?language=de");
  assert.equal(await read(["fr", "en"]), "kept /offline/?language=en");
  assert.equal(await read(["fr"]), "kept /offline/?language=en");
  assert.equal(await read(["en"], "de"), "kept /offline/?language=de");
  assert.equal(await read(["de"], "de", "en"), "kept /offline/?language=en");
  assert.equal(await read(["de"], "en", "tlh"), "kept /offline/?language=en");
});

test("whoever signs out leaves nothing, and no call wakes the browser any more", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  browser.caches.set("somebody-elses", new StandInCache());
  await browser.push(OVER);
  assert.equal(await browser.ask("/accounts/logout/", { method: "POST", mode: "navigate" }), undefined);
  assert.deepEqual([[...browser.caches.keys()], browser.notices, browser.badge], [["somebody-elses"], [], 0]);
  assert.deepEqual([browser.unsubscribed, browser.unregistered], [1, 1]);
});

test("one that is still coming while its person signs out keeps nothing either", async () => {
  const browser = new StandInBrowser();
  browser.windows = [{ url: `${ORIGIN}/accounts/login/?next=/` }];
  const installs = browser.send("install");
  await browser.send("message", { data: { type: "signed-out" }, source: browser.windows[0] });
  await installs;
  assert.deepEqual([[...browser.caches.keys()], browser.unregistered], [[], 1]);
});

test("signed out, it answers for nothing and notes nothing of the page for signing in", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  browser.network = async () => ({ headers: new Headers({ "content-language": "de" }) });
  let tell;
  const asked = browser.ask("/phone/", { mode: "navigate", preloadResponse: new Promise((told) => (tell = told)) });
  await browser.ask("/accounts/logout/", { method: "POST", mode: "navigate" });
  tell({ headers: new Headers({ "content-language": "de" }) });
  await asked;
  assert.equal(await browser.ask("/accounts/login/", { mode: "navigate" }), undefined);
  assert.equal(await browser.ask("/static/main.1234.js"), undefined);
  assert.deepEqual([...browser.caches.keys()], []);
});

test("goes where the page for signing in says that nobody is, unless another is open where somebody may be", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  const [signIn, phone] = [`${ORIGIN}/accounts/login/?next=/`, `${ORIGIN}/phone/recents/`].map((url) => ({ url }));
  const told = { data: { type: "signed-out" }, source: signIn };
  browser.windows = [signIn, phone];
  await browser.send("message", told);
  assert.deepEqual([browser.caches.size, browser.unregistered], [1, 0]);
  browser.windows = [signIn, { url: `${ORIGIN}/accounts/login/` }];
  await browser.send("message", told);
  assert.deepEqual([browser.caches.size, browser.unregistered], [0, 1]);
});

test("what a browser refuses keeps none of the rest from going", async () => {
  const browser = new StandInBrowser();
  await browser.send("install");
  browser.pushManager.getSubscription = async () => Promise.reject(new Error("push is not to be had"));
  await browser.ask("/accounts/logout/", { method: "POST", mode: "navigate" });
  assert.deepEqual([browser.caches.size, browser.unregistered], [0, 1]);
});

test("a call that rings is shown until it has rung out, and what became of it stands in its place", async () => {
  const browser = new StandInBrowser();
  const rung = browser.push({ ...RING, seconds: 20 });
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(browser.notices.map(({ title, tag, requireInteraction }) => [title, tag, requireInteraction]), [
    ["Eve is calling", "CA1", true],
  ]);
  await browser.push({ ...OVER, unseen: 3 });
  await rung;
  assert.deepEqual(browser.notices.map(({ title, silent }) => [title, silent]), [["Missed call from Eve", true]]);
  assert.equal(browser.badge, 3);
});

test("a notice that nobody takes back goes by itself, as does that somebody else has answered", async () => {
  const browser = new StandInBrowser();
  await browser.push({ ...RING, seconds: 2 });
  assert.deepEqual(browser.notices, []);
  await browser.push({ ...OVER, is_missed: false });
  assert.deepEqual(browser.notices, []);
});

test("that it rings is no news once it is over", async () => {
  const browser = new StandInBrowser();
  await browser.push({ ...OVER, call: "CA2" });
  await browser.push({ ...RING, call: "CA2", seconds: 20 });
  assert.deepEqual(browser.notices, []);
  await browser.send("push", { data: null });
});

test("a click opens the phone, or shows the one that is open; a page that rings needs no notice", async () => {
  const browser = new StandInBrowser();
  const click = () => browser.send("notificationclick", { notification: { close: () => {}, data: { url: "/" } } });
  await click();
  assert.deepEqual(browser.opened, ["/"]);
  const told = [];
  const window = { url: `${ORIGIN}/phone/recents/`, postMessage: (message) => told.push(message.url), focus: async () => told.push("focus") };
  browser.windows = [{ url: `${ORIGIN}/admin/` }, window];
  await click();
  assert.deepEqual([told, browser.opened], [["/", "focus"], ["/"]]);
  browser.push({ ...RING, seconds: 200 });
  await new Promise((resolve) => setTimeout(resolve, 1));
  await browser.send("message", { data: { type: "page-rings", call: "CA1" } });
  assert.deepEqual(browser.notices, []);
});
