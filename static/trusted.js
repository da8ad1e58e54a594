// @ts-check
/**
 * The one place where text becomes markup, and an address a script. A browser that knows Trusted Types takes
 * neither from anywhere else: https://www.w3.org/TR/trusted-types/. Elsewhere the same is refused.
 */

/** Where our files are, and the worker at the root. */
const FILES = "/static/";
const SERVICE_WORKER = "/service-worker.js";

const rules = {
  /**
   * @param {string} html
   * @param {string} address Whose answer it is.
   * @param {string | null} type
   */
  createHTML(html, address, type) {
    if (!isOwn(address) || !/^text\/html(;|$)/i.test(type ?? "")) throw new TypeError(`no page of ours: ${address}`);
    return html;
  },
  /** @param {string} address */
  createScriptURL(address) {
    const { pathname } = new URL(address, location.href);
    if (!isOwn(address) || !(pathname.startsWith(FILES) || pathname === SERVICE_WORKER)) {
      throw new TypeError(`no script of ours: ${address}`);
    }
    return address;
  },
};

const { trustedTypes } = /** @type {any} */ (globalThis);
/** @type {typeof rules} What it makes passes for text. */
const policy = trustedTypes?.createPolicy("dognbone", rules) ?? rules;

/** @param {string} address */
function isOwn(address) {
  return new URL(address, location.href).origin === location.origin;
}

/**
 * @param {string} address Of a file of ours, or of the service worker.
 * @returns {string} What a browser takes for a script's address.
 * @throws {TypeError} It is another's.
 */
export function scriptAddress(address) {
  return policy.createScriptURL(address);
}

/**
 * @param {Response} response
 * @returns {Promise<Document>} Of which nothing runs.
 * @throws {TypeError} It is no page, or not of our own server; or, as of `fetch`, the network was lost.
 */
export async function readPage(response) {
  return parse(await response.text(), response.url, response.headers.get("Content-Type"));
}

/**
 * @param {XMLHttpRequest} xhr
 * @returns {DocumentFragment & {title: string}} What htmx takes in place of text, without scripts.
 * @throws {TypeError} It is no page, or not of our own server.
 */
export function readFragment(xhr) {
  const page = parse(xhr.responseText, xhr.responseURL, xhr.getResponseHeader("Content-Type"));
  const fragment = document.createDocumentFragment();
  fragment.append(...page.body.childNodes);
  return Object.assign(fragment, { title: page.title });
}

/**
 * @param {string} html
 * @param {string} address
 * @param {string | null} type
 */
function parse(html, address, type) {
  const page = new DOMParser().parseFromString(policy.createHTML(html, address, type), "text/html");
  for (const script of page.querySelectorAll("script")) script.remove();
  return page;
}
