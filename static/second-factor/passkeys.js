// @ts-check
/**
 * Forms with a passkey: `data-passkey="create"` has one made, `"get"` has one shown. The options are the server's,
 * in the page (`#passkey-options`) or asked for first (`data-options-from`); the answer goes with the form.
 *
 * Both are WebAuthn's JSON forms (https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON), which not
 * every browser reads and writes by itself yet.
 *
 * @typedef {{ id: string, type: "public-key", transports?: AuthenticatorTransport[] }} KnownKey
 */
import { gettext } from "../texts.js";

/** @param {string} text In base64url. */
function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer | null} buffer */
function toText(buffer) {
  if (!buffer) return null;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {KnownKey[]} keys */
const readKeys = (keys = []) => keys.map((key) => ({ ...key, id: toBytes(key.id) }));

/** @param {any} options @param {boolean} isAlone Whether it is to stand for the password, too. */
async function create({ publicKey }, isAlone) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: readKeys(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: isAlone ? "required" : "discouraged",
        requireResidentKey: isAlone,
        ...(isAlone ? { userVerification: "required" } : {}),
      },
    },
  });
  const { response, ...rest } = describe(credential);
  const attestation = /** @type {AuthenticatorAttestationResponse} */ (response);
  return {
    ...rest,
    response: {
      clientDataJSON: toText(attestation.clientDataJSON),
      attestationObject: toText(attestation.attestationObject),
      transports: attestation.getTransports?.() ?? [],
    },
  };
}

/** @param {any} options */
async function get({ publicKey }) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: readKeys(publicKey.allowCredentials),
    },
  });
  const { response, ...rest } = describe(credential);
  const assertion = /** @type {AuthenticatorAssertionResponse} */ (response);
  return {
    ...rest,
    response: {
      clientDataJSON: toText(assertion.clientDataJSON),
      authenticatorData: toText(assertion.authenticatorData),
      signature: toText(assertion.signature),
      userHandle: toText(assertion.userHandle),
    },
  };
}

/** @param {Credential | null} credential */
function describe(credential) {
  const key = /** @type {PublicKeyCredential} */ (credential);
  return {
    type: key.type,
    id: key.id,
    rawId: toText(key.rawId),
    clientExtensionResults: key.getClientExtensionResults(),
    response: key.response,
  };
}

/** @param {string} from */
async function ask(from) {
  const answer = await fetch(from, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** @param {HTMLFormElement} form */
async function readOptions(form) {
  const { creation_options: toCreate, request_options: toGet } = form.dataset.optionsFrom
    ? await ask(form.dataset.optionsFrom)
    : JSON.parse(document.getElementById("passkey-options")?.textContent ?? "{}");
  return toCreate ?? toGet;
}

/** @param {HTMLFormElement} form */
async function fill(form) {
  const options = await readOptions(form);
  if (form.dataset.passkey === "get") return get(options);
  const alone = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("passwordless"));
  return create(options, Boolean(alone?.checked));
}

/** @param {unknown} error */
function explain(error) {
  const name = error instanceof Error ? error.name : "";
  // By the specification, both "not allowed" and "not found" are this, so that pages cannot find out which keys exist.
  if (name === "NotAllowedError") return gettext("No passkey was shown. Try again, or go another way.");
  if (name === "InvalidStateError") return gettext("This device has a passkey for your account already.");
  if (name === "SecurityError") return gettext("Passkeys belong to another address than this page’s.");
  return gettext("That did not work. Try again, or go another way.");
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const told = /** @type {HTMLElement | null} */ (form.querySelector("[data-passkey-error]"));
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button[type=submit]"));
  if (told) told.hidden = true;
  button?.setAttribute("aria-busy", "true");
  try {
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
    field.value = JSON.stringify(await fill(form));
    form.submit();
  } catch (error) {
    button?.removeAttribute("aria-busy");
    if (!told) return;
    told.textContent = explain(error);
    told.hidden = false;
  }
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-passkey]"))) {
  if (!("credentials" in navigator && "PublicKeyCredential" in globalThis)) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.querySelector("button[aria-busy]")) return;
    void send(form);
  });
}
