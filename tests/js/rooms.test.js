import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

const PHONE = path.resolve(import.meta.dirname, "../../static/phone");
/** Each room may use itself and those named before it; `main.js` may use them all. */
const ROOMS = ["relay", "device", "tabs", "calls", "page"];
/** Loaded by a tag of its own, whose attributes it reads; imports nothing and is imported by nothing. */
const NO_MODULE = ["device/local-signalling.js", "page/early.js"];
/** The language, what is just done, and what a browser may take for markup or a script: for every room, and all other modules. */
const OF_ALL = ["../texts.js", "../told.js", "../trusted.js"];

const files = readdirSync(PHONE, { recursive: true }).filter((file) => file.endsWith(".js"));
const read = (/** @type {string} */ file) => readFileSync(path.join(PHONE, file), "utf8");
const roomOf = (/** @type {string} */ file) => (file.includes("/") ? file.split("/")[0] : "");
const codeOf = (/** @type {string} */ file) => read(file).replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");

/** What a file imports of ours, values and types alike, as paths within the phone's folder. */
function importsOf(/** @type {string} */ file) {
  const paths = [...read(file).matchAll(/\b(?:from|import\()\s*"(\.[^"]+)"/g)].map((found) => found[1] ?? "");
  return paths.map((to) => path.relative(PHONE, path.resolve(PHONE, path.dirname(file), to))).filter((to) => !OF_ALL.includes(to));
}

test("imports between the rooms point one way", () => {
  const imports = files.flatMap((file) => importsOf(file).map((to) => ({ file, to })));
  const backwards = imports.filter(
    ({ file, to }) => file !== "main.js" && ROOMS.indexOf(roomOf(to)) > ROOMS.indexOf(roomOf(file)),
  );
  assert.ok(imports.length > 50);
  assert.deepEqual(backwards, []);
  assert.deepEqual(imports.filter(({ to }) => !files.includes(to) || to === "main.js"), []);
});

test("every module but the one that wires them is in a room", () => {
  assert.deepEqual(files.filter((file) => !ROOMS.includes(roomOf(file))), ["main.js"]);
});

test("only the page's room touches the document and the window", () => {
  const touching = files.filter((file) => /\b(document|window|location)\b/.test(codeOf(file)));
  const elsewhere = touching.filter((file) => roomOf(file) !== "page" && !NO_MODULE.includes(file));
  assert.ok(touching.length > 3);
  assert.deepEqual(elsewhere, []);
});

test("only the Device's module reaches for the SDK, and only it, its calls and its test's call know the SDK's types", () => {
  assert.deepEqual(files.filter((file) => /\bTwilio\.|"Twilio"/.test(codeOf(file))), ["device/device.js"]);
  const typed = files.filter((file) => read(file).includes("@twilio/voice-sdk"));
  assert.deepEqual(typed.sort(), ["device/device-calls.js", "device/device.js", "device/test-line.js"]);
});

test("what a call does is decided without any other module", () => {
  assert.deepEqual(importsOf("calls/call-state.js"), []);
});

test("no module makes a writer of numbers or times while it is loaded: a browser's first takes longer than all modules", () => {
  const made = files.filter((file) => /^(export )?(const|let) .*(\bIntl\.|\.toLocale)/m.test(codeOf(file)));
  assert.deepEqual(made, []);
});
