/** One browser's locks and channels, as far as tabs use them: https://w3c.github.io/web-locks/#algorithms */

import { setImmediate } from "node:timers/promises";

/** Everything that has been set off has happened. */
export async function settle() {
  for (let turn = 0; turn < 6; turn += 1) await setImmediate();
}

export class StandInLocks {
  holder = null;
  queue = [];

  /** What a tab sees of them: with `end()` it is closed or has crashed, and is asked nothing any more. */
  forTab() {
    const tab = { isGone: false };
    const request = (name, how, act) => this.#request(tab, how, act);
    const end = () => {
      tab.isGone = true;
      this.queue = this.queue.filter((one) => one.tab !== tab);
      if (this.holder?.tab === tab) this.#free(this.holder);
    };
    return { request, end };
  }

  #request(tab, { steal = false, signal }, act) {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new DOMException("aborted", "AbortError"));
      const one = { tab, act, resolve, abort };
      signal?.addEventListener("abort", () => {
        if (!this.queue.includes(one)) return;
        this.queue = this.queue.filter((other) => other !== one);
        abort();
      });
      if (steal && this.holder) {
        const robbed = this.holder;
        this.holder = null;
        robbed.abort();
      }
      if (steal) this.queue.unshift(one);
      else this.queue.push(one);
      queueMicrotask(() => this.#grant());
    });
  }

  #grant() {
    const one = this.holder ? undefined : this.queue.shift();
    if (!one) return;
    this.holder = one;
    void Promise.resolve(one.act({})).then(() => {
      one.resolve();
      this.#free(one);
    });
  }

  #free(one) {
    if (this.holder !== one) return;
    this.holder = null;
    this.#grant();
  }
}

/** Channels by their names; a frozen tab hears nothing. */
export class StandInChannels {
  open = new Set();

  forTab() {
    const tab = { isFrozen: false };
    const openChannel = (name) => {
      const channel = { name, tab, onmessage: null, close: () => this.open.delete(channel) };
      channel.postMessage = (data) => {
        const copy = JSON.stringify(data);
        for (const other of this.open) {
          if (other === channel || other.name !== name) continue;
          queueMicrotask(() => {
            if (this.open.has(other) && !other.tab.isFrozen) other.onmessage?.({ data: JSON.parse(copy) });
          });
        }
      };
      this.open.add(channel);
      return channel;
    };
    return { tab, openChannel };
  }
}
