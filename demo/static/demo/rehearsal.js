// @ts-check
/**
 * Loaded before anything else of the phone page, and only in the demo: plays what goes wrong in a
 * browser, without the page's knowledge. The page says at first which part to play; after that the
 * panel does, over a channel, and is told what the phone shows.
 */
"use strict";

(() => {
  const script = document.currentScript?.dataset ?? {};
  const channel = new BroadcastChannel("rehearsal");
  const HOUR_MS = 3_600_000;
  const MICROPHONE_ERRORS = { "microphone-denied": "NotAllowedError", "microphone-missing": "NotFoundError" };

  let part = script.plays ?? "";
  /** What is to be dialled as soon as the phone can. */
  let toDial = "";

  /** @param {string | URL | Request} address */
  function isCut(address) {
    const url = new URL(address instanceof Request ? address.url : address, location.href);
    const isOurs = url.host === location.host;
    return part === "wifi-cut" || (part === "server-lost" && isOurs) || (part === "socket-blocked" && !isOurs);
  }

  // Sockets: new ones never open, open ones break without a goodbye.

  /** @type {Set<WebSocket>} */
  const sockets = new Set();
  const Native = globalThis.WebSocket;

  /** What a page holds of a socket that does not open: it hears of an error, then of the end. */
  class DeadSocket extends EventTarget {
    /** @param {string} url */
    constructor(url) {
      super();
      this.url = url;
      /** @type {number} */
      this.readyState = Native.CONNECTING;
      this.protocol = this.extensions = "";
      this.bufferedAmount = 0;
      this.binaryType = "blob";
      /** @type {((event: Event) => void) | null} */
      this.onerror = null;
      /** @type {((event: Event) => void) | null} */
      this.onclose = null;
      setTimeout(() => this.close(), 50);
    }

    send() {}

    close() {
      if (this.readyState === Native.CLOSED) return;
      this.readyState = Native.CLOSED;
      setTimeout(() => {
        const events = [new Event("error"), new CloseEvent("close", { code: 1006, wasClean: false })];
        for (const event of events) {
          this.dispatchEvent(event);
          if (event.type === "error") this.onerror?.(event);
          else this.onclose?.(event);
        }
      });
    }
  }

  globalThis.WebSocket = class extends Native {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      // @ts-expect-error A constructor may return another object, and then needs no super().
      if (isCut(url)) return new DeadSocket(String(url));
      super(url, protocols);
      sockets.add(this);
      // Heard first of all, so that the true end of a socket that was cut is not heard a second time.
      this.addEventListener("close", (event) => {
        if (event.isTrusted && !sockets.delete(this)) event.stopImmediatePropagation();
      });
    }
  };

  function cutSockets() {
    for (const socket of [...sockets]) {
      if (!isCut(socket.url)) continue;
      sockets.delete(socket);
      socket.dispatchEvent(new Event("error"));
      socket.dispatchEvent(new CloseEvent("close", { code: 1006, wasClean: false }));
      socket.close();
    }
  }

  // Requests, and what the browser says of its network.

  const nativeFetch = globalThis.fetch;
  globalThis.fetch = (input, init) =>
    isCut(input) ? Promise.reject(new TypeError("Failed to fetch")) : nativeFetch(input, init);

  const onLine = Object.getOwnPropertyDescriptor(Navigator.prototype, "onLine");
  Object.defineProperty(navigator, "onLine", {
    get: () => part !== "wifi-cut" && onLine?.get?.call(navigator),
  });

  // The microphone.

  const devices = navigator.mediaDevices;
  const nativeMicrophone = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted) => {
    const name = /** @type {Record<string, string>} */ (MICROPHONE_ERRORS)[part];
    return name ? Promise.reject(new DOMException("Rehearsed", name)) : nativeMicrophone(wanted);
  };

  // The sound: with nothing but a relay to go through, and no relay, it finds no way. Or there is no
  // WebRTC at all, as where an extension has taken it away.

  const Connection = class extends RTCPeerConnection {
    /** @param {RTCConfiguration} [wanted] */
    constructor(wanted) {
      super(part === "sound-blocked" ? { ...wanted, iceTransportPolicy: "relay" } : wanted);
    }
  };
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) {
    Object.defineProperty(globalThis, name, {
      get: () => (part === "webrtc-missing" ? undefined : Connection),
    });
  }

  // The clock.

  const NativeDate = Date;
  const now = () => NativeDate.now() + (part === "clock-fast" ? HOUR_MS : 0);
  globalThis.Date = new Proxy(NativeDate, {
    construct: (target, given, asked) => Reflect.construct(target, given.length ? given : [now()], asked),
    apply: () => new NativeDate(now()).toString(),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });

  /** @param {string} next */
  function play(next) {
    if (next === part) return;
    const wasOnLine = part !== "wifi-cut";
    part = next;
    cutSockets();
    const isOnLine = part !== "wifi-cut";
    if (wasOnLine !== isOnLine) dispatchEvent(new Event(isOnLine ? "online" : "offline"));
    // The phone begins anew, and looks at its browser again.
    else if (part === "webrtc-missing") dispatchEvent(new Event("online"));
    toDial = part in MICROPHONE_ERRORS || part === "sound-blocked" ? (script.number ?? "") : "";
    dial();
  }

  /** Types the number and calls, as a hand would: microphone and sound are wanted only in a call. */
  function dial() {
    const field = document.querySelector("#to");
    const call = document.querySelector('[data-part="call"]');
    const canDial = field instanceof HTMLInputElement && call instanceof HTMLButtonElement && !call.disabled;
    if (!toDial || !canDial) return;
    field.value = toDial;
    toDial = "";
    call.click();
  }

  /** Tells the panel what the phone shows. */
  function tell() {
    const status = document.querySelector('[data-part="status"]');
    const card = document.querySelector('[data-part="verdict"]');
    if (!(status instanceof HTMLElement) || !(card instanceof HTMLElement)) return;
    const ending = document.querySelector('[data-part="ending"][data-cause]');
    channel.postMessage({
      cause: ending instanceof HTMLElement ? ending.dataset.cause : "",
      causeWords: ending?.querySelector('[data-part="notice"]')?.textContent ?? ending?.textContent ?? "",
      state: status.dataset.state,
      stateWords: status.querySelector('[data-part="state"]')?.textContent,
      verdict: card.hidden ? "" : card.dataset.verdict,
      title: card.hidden ? "" : card.querySelector('[data-part="verdict-title"]')?.textContent,
    });
  }

  channel.onmessage = ({ data }) => {
    if (typeof data?.dials === "string") {
      toDial = data.dials;
      dial();
    }
    if (typeof data?.part !== "string") return;
    play(data.part);
    tell();
  };
  document.addEventListener("DOMContentLoaded", () => {
    const watcher = new MutationObserver(() => {
      tell();
      dial();
    });
    for (const name of ["status", "verdict", "ending"]) {
      const element = document.querySelector(`[data-part="${name}"]`);
      if (element) watcher.observe(element, { attributes: true, childList: true, subtree: true });
    }
    tell();
  });
  addEventListener("pagehide", () => channel.postMessage({ state: "" }));
})();
