// @ts-check
/**
 * The browser's connections that the SDK makes for sound: it is handed this class for them, an option that is
 * documented, because which way the sound goes is told by none of its events.
 *
 * @typedef {"udp" | "tcp" | "relay_udp" | "relay_tcp"} Path
 *
 * @typedef {object} Way
 * @property {Path | null} path Null where the browser does not tell.
 * @property {boolean} isConnected
 * @property {number | null} lossOut Percent of what leaves here and does not arrive, as the other end reports it;
 *   null where it reports nothing.
 */

export class PeerConnections {
  /** @type {RTCPeerConnection[]} */
  #open = [];

  /** @param {typeof RTCPeerConnection | undefined} [Native] As it is when a Device is made. */
  constructor(Native = globalThis.RTCPeerConnection) {
    const took = (/** @type {RTCPeerConnection} */ made) => this.#take(made);
    /** What the SDK is to make its connections of; undefined in a browser without. */
    this.Class =
      Native &&
      class extends Native {
        /** @param {RTCConfiguration} [configuration] */
        constructor(configuration) {
          super(configuration);
          took(this);
        }
      };
  }

  /** @param {RTCPeerConnection} made */
  #take(made) {
    this.#open = [...this.#open.filter((one) => one.connectionState !== "closed"), made];
  }

  /** @returns {Promise<Way>} Of the newest that is open. */
  async getWay() {
    const connection = this.#open.filter((one) => one.connectionState !== "closed").at(-1);
    if (!connection) return { path: null, isConnected: false, lossOut: null };
    const stats = [.../** @type {any} */ (await connection.getStats()).values()];
    return { ...readWay(stats), isConnected: connection.connectionState === "connected" };
  }
}

/**
 * @param {any[]} stats Those of a connection, in the words of https://www.w3.org/TR/webrtc-stats/
 * @returns {Pick<Way, "path" | "lossOut">}
 */
export function readWay(stats) {
  const byId = new Map(stats.map((one) => [one.id, one]));
  const transport = stats.find((one) => one.type === "transport" && one.selectedCandidatePairId);
  const pairs = stats.filter((one) => one.type === "candidate-pair");
  const pair = byId.get(transport?.selectedCandidatePairId) ?? pairs.find((one) => one.selected);
  const [local, remote] = [byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)];
  const report = stats.find((one) => one.type === "remote-inbound-rtp" && typeof one.packetsLost === "number");
  const sent = byId.get(report?.localId)?.packetsSent;
  return { path: pathOf(local, remote), lossOut: report && sent > 0 ? (Math.max(0, report.packetsLost) / sent) * 100 : null };
}

/**
 * @param {any} local
 * @param {any} remote
 * @returns {Path | null}
 */
function pathOf(local, remote) {
  const isRelayed = [local, remote].some((one) => one?.candidateType === "relay");
  const protocol = local?.relayProtocol ?? local?.protocol;
  if (typeof protocol !== "string") return null;
  const isUdp = protocol.toLowerCase() === "udp";
  if (isRelayed) return isUdp ? "relay_udp" : "relay_tcp";
  return isUdp ? "udp" : "tcp";
}
