"""Measures sound in a page from outside: what WebRTC itself says came in and went out."""

from typing import Any

from playwright.sync_api import Page

REMEMBER_PEER_CONNECTIONS = """
(() => {
  const Native = globalThis.RTCPeerConnection;
  globalThis.peerConnections = [];
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); globalThis.peerConnections.push(this); }
  };
})();
"""

WAIT_FOR_SOUND = """
async ({energy, seconds}) => {
  const totals = async () => {
    const found = {packets_in: 0, packets_out: 0, energy_in: 0};
    for (const connection of globalThis.peerConnections) {
      if (connection.connectionState === 'closed') continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'inbound-rtp') {
          found.packets_in += report.packetsReceived;
          found.energy_in += report.totalAudioEnergy ?? 0;
        }
        if (report.type === 'outbound-rtp') found.packets_out += report.packetsSent;
      }
    }
    return found;
  };
  const before = await totals();
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const now = await totals();
    const gained = {
      packets_in: now.packets_in - before.packets_in,
      packets_out: now.packets_out - before.packets_out,
      energy_in: now.energy_in - before.energy_in,
    };
    if (gained.packets_in > 25 && gained.packets_out > 25 && gained.energy_in > energy) return gained;
    if (performance.now() > end) return gained;
    await new Promise((done) => setTimeout(done, 100));
  }
}
"""


def remember_peer_connections(page: Page) -> None:
    """Must run before the page loads: keeps what `wait_for_sound` reads."""
    page.add_init_script(REMEMBER_PEER_CONNECTIONS)


def wait_for_sound(page: Page, *, energy: float = 0.0005, seconds: float = 10) -> dict[str, Any]:
    """Packets out, packets in and audio energy in since now, as soon as sound flows, or after `seconds`."""
    return dict(page.evaluate(WAIT_FOR_SOUND, {"energy": energy, "seconds": seconds}))
