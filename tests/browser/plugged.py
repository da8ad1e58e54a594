"""A browser's devices, plugged in and out by the test; in each is the sound of Chromium's own fake one."""

import json

from playwright.sync_api import Page

# A device is its kind, id, group and label. `default` is whichever the system prefers, as in Chromium.
PLUG = """
(() => {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  const kept = sessionStorage.getItem("plugged");
  globalThis.plugged = kept ? JSON.parse(kept) : %s;
  globalThis.opened = [];
  globalThis.sinks = [];
  globalThis.permission = "granted";
  const unnamed = (one) => ({...one, deviceId: "", label: ""});
  const listed = () => globalThis.permission === "granted" ? plugged : plugged.map(unnamed);
  mediaDevices.enumerateDevices = async () => listed().map((one) => ({...one}));
  navigator.permissions.query = async () => ({ get state() { return globalThis.permission; } });
  mediaDevices.getUserMedia = async (wanted) => {
    if (globalThis.answer) await globalThis.answer();
    const there = plugged.filter(({kind}) => kind === "audioinput");
    if (!there.length) throw new DOMException("none", "NotFoundError");
    const id = wanted.audio?.deviceId?.exact;
    const found = id ? there.find(({deviceId}) => deviceId === id) : there[0];
    if (!found) throw new DOMException("gone", "OverconstrainedError");
    const stream = await ask({ audio: true });
    opened.push({ label: found.label, groupId: found.groupId, track: stream.getAudioTracks()[0] });
    return stream;
  };
  globalThis.replug = (list) => {
    globalThis.plugged = list;
    const groups = list.filter(({kind}) => kind === "audioinput").map(({groupId}) => groupId);
    // What is pulled out hears nothing any more.
    for (const {groupId, track} of opened) {
      if (groups.includes(groupId)) continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    mediaDevices.dispatchEvent(new Event("devicechange"));
  };
  globalThis.hears = () => opened.filter(({track}) => track.readyState === "live").map(({label}) => label);
  const place = new WeakMap();
  Object.defineProperty(HTMLMediaElement.prototype, "sinkId", { get() { return place.get(this) ?? ""; } });
  HTMLMediaElement.prototype.setSinkId = async function (id) {
    const isThere = plugged.some(({kind, deviceId}) => kind === "audiooutput" && deviceId === id);
    if (id && !isThere) throw new DOMException("gone", "NotFoundError");
    place.set(this, id);
    sinks.push([this.currentSrc || this.src, id]);
  };
  // Where the other end of a call is heard.
  const made = [];
  const isOfCall = (audio) => audio.srcObject && !audio.paused;
  globalThis.heardOn = () => [...new Set(made.filter(isOfCall).map((audio) => audio.sinkId))];
  const Native = globalThis.Audio;
  globalThis.Audio = function (...args) {
    const audio = new Native(...args);
    made.push(audio);
    return audio;
  };
  globalThis.Audio.prototype = Native.prototype;
})();
"""

Device = dict[str, str]


def make_device(kind: str, name: str, *, device_id: str = "", group: str = "", label: str = "") -> Device:
    """`name` is its maker's; its group is shared with the other half of a headset of that name."""
    return {
        "kind": kind,
        "deviceId": device_id or f"{kind}-{name}",
        "groupId": group or f"group-{name}",
        "label": label or name,
    }


def list_devices(*names: str, prefix: str = "") -> list[Device]:
    """A microphone and a loudspeaker of each name; the first is the one that the system prefers."""
    found = []
    for kind in ("audioinput", "audiooutput"):
        first = names[0]
        default = {"device_id": "default", "group": f"group-{first}", "label": f"Default - {first}"}
        found.append(make_device(kind, first, **default))
        found += [make_device(kind, name, device_id=f"{prefix}{kind}-{name}") for name in names]
    return found


def plug_before_loading(page: Page, devices: list[Device]) -> None:
    page.add_init_script(PLUG % json.dumps(devices))


def replug(page: Page, devices: list[Device]) -> None:
    page.evaluate("(list) => replug(list)", devices)
