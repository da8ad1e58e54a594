// @ts-check
/**
 * The phone's service worker: keeps the files that the page is made of, and a page for when there is no network;
 * shows a notice when a call wakes this browser. Never keeps what is anybody's: no page, no pane, no token; of the
 * last page its language alone.
 *
 * `/service-worker.js` sets `self.shell` and then takes this in. What it does not answer, the browser does as if
 * there were no worker: whatever is sent, sounds with a range, panes, other origins.
 */

/**
 * @typedef {object} Shell What the server says.
 * @property {string} version
 * @property {string[]} files Addresses.
 * @property {boolean} isHashed Each file's name says what is in it.
 * @property {Record<string, string>} offline By language.
 * @property {string} language The one of those for whom there is none.
 * @property {string} phone
 * @property {string} signOut
 * @property {string} icon
 *
 * @typedef {object} Told What a push says: `ring`, or `over` for what it rang for.
 * @property {"ring" | "over"} kind
 * @property {string} call
 * @property {string} title
 * @property {string} body
 * @property {string} url
 * @property {number} [seconds] For how long it rings; the notice is taken back after that.
 * @property {boolean} [is_missed]
 * @property {number} [unseen] For the icon.
 */

const PREFIX = "dnb-shell-";
/** A server that does not answer a page for so long is as good as away. */
const PAGE_WITHIN_MS = 15_000;
/** A worker is not let live for much longer. */
const LONGEST_MS = 240_000;
/** For how long it stands that a call was answered elsewhere. */
const ANSWERED_MS = 5_000;

const worker = /** @type {any} */ (self);
const shell = /** @type {Shell} */ (worker.shell);
const cacheName = PREFIX + shell.version;
const files = new Set(shell.files);
/** Under this address it is kept in which language the last page was. */
const LANGUAGE = "/service-worker/language";
let lastLanguage = "";
/** Calls that are over; what is told of their ringing may come after. @type {Set<string>} */
const over = new Set();
/** Whoever was signed in here is not: from then on it keeps nothing, and answers nothing. */
let isForgotten = false;

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const answer = answerTo(event);
  if (answer) event.respondWith(answer);
});
worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(heardPush(event.data)));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(openPhone(event.notification.data?.url ?? shell.phone));
});
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data?.type === "page-rings") event.waitUntil(closeNotices(event.data.call));
  if (event.data?.type === "signed-out") event.waitUntil(heardSignedOut(event.source));
});

// The files

async function keepShell() {
  const cache = await caches.open(cacheName);
  // From the browser's own cache where the names are hashed: no byte is sent twice.
  const mode = shell.isHashed ? "default" : "no-cache";
  await cache.addAll([...files].map((url) => new Request(url, { cache: mode })));
  const pages = Object.values(shell.offline).map((url) => new Request(url, { cache: "no-cache", credentials: "omit" }));
  await cache.addAll(pages);
  if (isForgotten) return deleteFiles();
  // Pages go on with the files that they have: what they ask for later is asked of the network.
  await worker.skipWaiting();
}

async function takeOver() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  // A page's request does not wait until this has been started.
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

/**
 * @param {any} event
 * @returns {Promise<Response> | null} null: it is none of ours.
 */
function answerTo(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== worker.location.origin) return null;
  if (request.method === "POST" && url.pathname === shell.signOut) event.waitUntil(forget());
  if (isForgotten) return null;
  if (request.method !== "GET" || request.headers.has("range")) return null;
  if (request.mode === "navigate") return openPage(event);
  return files.has(url.pathname) && !url.search ? answerFile(request) : null;
}

/** @param {Request} request A file of the shell. */
async function answerFile(request) {
  const cache = await caches.open(cacheName);
  if (shell.isHashed) return (await cache.match(request)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

/** @param {any} event Somebody opens a page. */
async function openPage(event) {
  const away = new Promise((_, reject) => setTimeout(reject, PAGE_WITHIN_MS, new Error("the server does not answer")));
  const asked = Promise.resolve(event.preloadResponse).then((answer) => answer ?? fetch(event.request));
  try {
    const page = /** @type {Response} */ (await Promise.race([asked, away]));
    event.waitUntil(noteLanguage(page.headers.get("content-language")));
    return page;
  } catch (error) {
    asked.catch(() => {});
    const kept = await findOffline();
    if (kept) return kept;
    throw error;
  }
}

/** @param {string | null} language Of a page, which is its person's own choice, or the browser's. */
async function noteLanguage(language) {
  if (isForgotten || !language || language === lastLanguage || !shell.offline[language]) return;
  lastLanguage = language;
  await (await caches.open(cacheName)).put(LANGUAGE, new Response(language));
}

/** The page for when there is no network, in the language of the last page that was opened, else the browser's. */
async function findOffline() {
  const cache = await caches.open(cacheName);
  const noted = await (await cache.match(LANGUAGE))?.text();
  const own = worker.navigator.languages.map((/** @type {string} */ one) => one.split("-")[0] ?? "");
  const language = [noted, ...own].find((one) => one && shell.offline[one]) ?? shell.language;
  // Its `Vary` speaks of what is asked of a server.
  return cache.match(shell.offline[language] ?? "", { ignoreVary: true });
}

/**
 * The page for signing in is open, where nobody is signed in. Where any other is open too, somebody may be by now;
 * a phone's goes there as well once it hears that its person is signed out.
 * @param {{url: string}} page
 */
async function heardSignedOut(page) {
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.every((/** @type {any} */ one) => pathOf(one.url) === pathOf(page.url))) await forget();
}

/** Nobody is signed in here any more: nothing of theirs stays, and no call wakes this browser. */
async function forget() {
  isForgotten = true;
  // Each by itself: what a browser refuses keeps none of the others.
  await Promise.allSettled([closeNotices(), worker.navigator.clearAppBadge?.(), unsubscribe(), deleteFiles()]);
  await worker.registration.unregister();
}

async function unsubscribe() {
  const subscription = await worker.registration.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

/** Whoever signs in next begins anew. */
async function deleteFiles() {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
}

// Calls

/** @param {{json: () => Told} | null} data */
async function heardPush(data) {
  if (!data) return;
  const told = data.json();
  if (told.kind === "ring") await showRinging(told);
  else await showOver(told);
}

/** @param {Told} told */
async function showRinging(told) {
  // One that comes after the end is shown all the same, since every push has to show something.
  const isLate = over.has(told.call);
  await show(told, isLate ? { requireInteraction: false, silent: true } : { requireInteraction: true, renotify: true });
  if (isLate) return closeNotices(told.call);
  // By no clock but this: the push service has kept it no longer than it rings.
  await new Promise((resolve) => setTimeout(resolve, Math.min((told.seconds ?? 0) * 1000, LONGEST_MS)));
  // What has taken its place, that the call is over, stands.
  await closeNotices(told.call, "ring");
}

/** @param {Told} told */
async function showOver(told) {
  over.add(told.call);
  await show(told, { requireInteraction: false, silent: true });
  if (told.unseen !== undefined) await worker.navigator.setAppBadge?.(told.unseen).catch(() => {});
  if (told.is_missed) return;
  await new Promise((resolve) => setTimeout(resolve, ANSWERED_MS));
  await closeNotices(told.call);
}

/**
 * @param {Told} told
 * @param {object} options
 */
async function show({ kind, call, title, body, url }, options) {
  const { icon } = shell;
  await worker.registration.showNotification(title, { body, icon, tag: call, data: { kind, url }, ...options });
}

/**
 * @param {string} [call] Its notices alone.
 * @param {string} [kind] Likewise.
 */
async function closeNotices(call, kind) {
  const notices = await worker.registration.getNotifications(call ? { tag: call } : {});
  for (const notice of notices) if (!kind || notice.data?.kind === kind) notice.close();
}

/** Shows the phone that is open, where there is one, and opens it otherwise. @param {string} url */
async function openPhone(url) {
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const phones = open.filter((/** @type {any} */ one) => isPhone(pathOf(one.url)));
  const [first] = phones;
  if (!first) return worker.clients.openWindow(url);
  first.postMessage({ type: "open", url });
  return first.focus();
}

/** @param {string} path */
function isPhone(path) {
  return path === shell.phone || path.startsWith("/phone/");
}

/** @param {string} url */
function pathOf(url) {
  return new URL(url).pathname;
}
