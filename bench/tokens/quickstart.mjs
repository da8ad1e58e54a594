// Twilio's quickstart, in essence: a token for whoever asks. `node quickstart.mjs <port>`; the key in the environment.
// https://www.twilio.com/docs/voice/sdks/javascript/get-started
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import twilio from "twilio";

const { AccessToken } = twilio.jwt;
const { ACCOUNT_SID, API_KEY_SID, API_KEY_SECRET, TWIML_APP_SID } = process.env;

createServer((request, response) => {
  const identity = `quickstart_${randomBytes(8).toString("hex")}`;
  const token = new AccessToken(ACCOUNT_SID, API_KEY_SID, API_KEY_SECRET, { identity, ttl: 3600 });
  token.addGrant(new AccessToken.VoiceGrant({ outgoingApplicationSid: TWIML_APP_SID, incomingAllow: true }));
  const body = JSON.stringify({ identity, token: token.toJwt() });
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}).listen(Number(process.argv[2]), "127.0.0.1");
