/**
 * Loaded before Twilio's SDK, and only where the settings name a local gateway: the SDK can be told
 * another host, but never a plain `ws:`. Only addresses of that one host are changed.
 */
"use strict";

(() => {
  const host = document.currentScript?.dataset.host;
  if (!host) return;
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      const address = String(url);
      super(address.startsWith(`wss://${host}/`) ? address.replace("wss:", "ws:") : address, protocols);
    }
  };
})();
