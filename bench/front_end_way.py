"""The front end's way to find out: mint a token from what was typed, set the Device up, wait for `offline`.

So did the single-user phone that Dog n Bone grew from. It is timed in a real Chromium with the real
Voice SDK already loaded, from the Device's construction to `unregistered`; minting, loading and the
page's own request for the token come on top, and are left out in its favour.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from bench.stage import BenchFailed, Stage
from fake_twilio import catalogue
from tests.machine import find_chromium

ROOT = Path(__file__).resolve().parent.parent
VOICE_SDK = ROOT / "node_modules" / "@twilio" / "voice-sdk" / "dist" / "twilio.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]

PLAIN_SOCKETS = """
(() => {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(url, protocols) { super(String(url).replace(/^wss:/, 'ws:'), protocols); }
  };
})();
"""

MILLISECONDS_UNTIL_OFFLINE = """
([token, signalling, sound]) => new Promise((resolve) => {
  const sounds = Object.fromEntries(
    ['incoming', 'outgoing', 'disconnect', ...'0123456789sh'].map(
      (name) => [name.length > 1 ? name : 'dtmf' + name, sound]));
  const begun = performance.now();
  const device = new Twilio.Device(token, { chunderw: signalling, publishEvents: false, sounds });
  device.on('error', () => {});
  device.on('unregistered', () => {
    const taken = performance.now() - begun;
    device.destroy();
    resolve(taken);
  });
  device.register().catch(() => {});
})
"""


class FrontEnd:
    """A browser that sets Devices up."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self.stage = stage

    def wait_for_offline(self) -> float:
        """Milliseconds until a Device with a token from a wrong secret is `unregistered`."""
        signalling = f"127.0.0.1:{self.stage.fake_port}"
        sound = f"http://localhost:{self.stage.port}/static/phone/sounds/disconnect.wav"
        taken = self.page.evaluate(MILLISECONDS_UNTIL_OFFLINE, [mint_from_wrong_secret(), signalling, sound])
        return float(taken)


def mint_from_wrong_secret() -> str:
    """Twilio's library mints it without a complaint: that is the whole trouble."""
    token = AccessToken(
        catalogue.account_sid(catalogue.DEMO),
        catalogue.key_sid("demo standard"),
        catalogue.key_secret("not of this key"),
        identity="bench",
    )
    token.add_grant(VoiceGrant(incoming_allow=True))
    return str(token.to_jwt())


@contextmanager
def open_front_end(stage: Stage) -> Iterator[FrontEnd]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        # The policy of our own pages allows no script that is not theirs.
        page = browser.new_context(bypass_csp=True).new_page()
        page.add_init_script(PLAIN_SOCKETS)
        page.goto(f"http://localhost:{stage.port}/accounts/login/")
        page.add_script_tag(path=VOICE_SDK)
        if not page.evaluate("typeof Twilio.Device === 'function'"):
            raise BenchFailed("the Voice SDK did not load")
        yield FrontEnd(page, stage)
        browser.close()
