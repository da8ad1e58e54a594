"""From opening the phone for the first time until its Device is registered, and what is sent meanwhile.

The peer is a page with nothing on it but the same Voice SDK and a token that stands in it, which registers
with the same gateway: nothing can be a phone sooner. It is a static file of the same server, so that both
pages have the same way there, and it loads the very file of the SDK that the phone loads: from a server of
its own it was held up for 40 ms by how that one wrote to its sockets, and spared what a browser does for the
headers that every answer of the product has. Each load has a browser profile of its own, with nothing in its
cache. Static files are collected, hashed and compressed, as in production. Both pages are equally far from
both servers: on the same machine, where only what is computed takes time, and then as far as people are
(`far_away.py`).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from accounts.sealing.encryption import make_credential_key
from bench import stage as stages
from bench.front_end_way import FLAGS, PLAIN_SOCKETS, ROOT
from bench.stage import Stage
from bench.timing import Timing, build_figure, ratio, tell
from demo.ports import get_free_port
from demo.processes import Children
from fake_twilio import catalogue
from tests.machine import find_chromium

ROUNDS = int(os.environ.get("BENCH_LOAD_ROUNDS", "15"))
# In milliseconds, from a browser to either server and back.
FAR_AWAY = (20, 80)
LIMIT = 1.2
BYTES_AT_MOST = 150_000
READY = "ready after"

BARE_PAGE = """<!doctype html><title>Bare</title>
<script src="/sockets.js"></script><script src="%s"></script><script src="/bare.js"></script>"""
BARE_SCRIPT = """
const sounds = Object.fromEntries(
  ['incoming', 'outgoing', 'disconnect', ...'0123456789sh'].map(
    (name) => [name.length > 1 ? name : 'dtmf' + name, '%(sound)s']));
const device = new Twilio.Device('%(token)s', { chunderw: '%(gateway)s', publishEvents: false, sounds });
device.on('registered', () => console.info('ready after', performance.now()));
device.register();
"""
# When the page itself first says so.
WATCH = """
new MutationObserver((_, watch) => {
  if (!document.querySelector('[data-part="status"][data-state="ready"]')) return;
  console.info('ready after', performance.now());
  watch.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def run() -> None:
    children = Children()
    with tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder:
        try:
            stage = start(children, Path(folder))
            print(f"\nFrom the first load until the Device is registered, {ROUNDS} times, nothing cached")
            time_loads(stage)
            for round_trip in FAR_AWAY:
                print(f"  servers a round trip of {round_trip} ms away")
                time_loads(go_away(children, stage, round_trip, Path(folder)))
        finally:
            children.stop()


def start(children: Children, folder: Path, **given: str) -> Stage:
    """`given` are settings of the product's."""
    collect(folder / "static")
    return stages.start(
        children,
        folder,
        settings="bench.collected",
        before_serving=lambda fake_port: write_bare_page(fake_port, folder / "static.bare"),
        **given,
    )


def go_away(children: Children, stage: Stage, round_trip: int, folder: Path) -> Stage:
    """The same, with another server of the product; it and the gateway are `round_trip` milliseconds away."""
    gateway = get_free_port(after=stage.fake_port)
    near = get_free_port(after=gateway)
    port = get_free_port(after=near)
    os.environ["TWILIO_SIGNALLING"] = f"127.0.0.1:{gateway}"
    write_bare_page(gateway, folder / "static.bare")
    server = stages.start_server(children, near)
    stages.wait_for_server(server, near)
    ways = (f"{port}={near}", f"{gateway}={stage.fake_port}")
    way = children.start("The way there", "-m", "bench.far_away", str(round_trip), *ways, env={})
    stages.wait_for_server(way, port)
    return Stage(port, gateway, f"http://localhost:{port}")


def collect(folder: Path) -> None:
    os.environ["BENCH_STATIC_ROOT"] = str(folder)
    environment = {
        **os.environ,
        "SECRET_KEY": "for the files alone",
        "CREDENTIAL_KEYS": make_credential_key(),
    }
    environment |= {"DJANGO_SETTINGS_MODULE": "bench.collected", "PUBLIC_URL": "http://localhost:8000"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def time_loads(stage: Stage) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        cookies = sign_in(browser, stage)
        ours, bare, weights = [], [], []
        for _ in range(ROUNDS + 1):
            bare.append(load(browser, f"{stage.url}/bare.html")[0])
            milliseconds, weight = load(browser, f"{stage.url}/", cookies)
            ours.append(milliseconds)
            weights.append(weight)
        browser.close()
    # The first of each pays for what every first thing pays.
    timing, peer = Timing(ours[1:]), Timing(bare[1:])
    tell("the phone", build_figure(timing), ratio(timing.median / peer.median, LIMIT, "the limit"))
    tell("the bare page", build_figure(peer), f"ours is {timing.median / peer.median:.2f} × this")
    tell(
        "sent until ready",
        f"{max(weights) / 1000:.0f} kB",
        ratio(max(weights), BYTES_AT_MOST, "the limit of 150 kB"),
    )


def sign_in(browser: Browser, stage: Stage) -> list[dict[str, str]]:
    # After Django is set up, because it reads models.
    from demo.people import ALICE, PASSWORD

    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stage.url}/accounts/login/")
    page.get_by_label("Email").fill(ALICE.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{stage.url}/")
    cookies = context.cookies()
    context.close()
    return cookies  # type: ignore[return-value]


def load(browser: Browser, url: str, cookies: list[dict[str, str]] | None = None) -> tuple[float, int]:
    """Milliseconds until ready, and bytes received until then, as they came over the wire, bodies alone."""
    context = browser.new_context()
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(WATCH)
    received = count_bytes(page)
    with page.expect_console_message(lambda one: one.text.startswith(READY)) as told:
        page.goto(url, wait_until="commit")
    weight = sum(received.values())
    milliseconds = float(told.value.text.removeprefix(READY))
    if os.environ.get("BENCH_LOAD_LIST"):
        for address, size in received.items():
            print(f"    {size:8} {address}")
    context.close()
    return milliseconds, weight


def count_bytes(page: Page) -> dict[str, int]:
    """Filled as they come: by address."""
    received: dict[str, int] = {}
    addresses: dict[str, str] = {}
    devtools = page.context.new_cdp_session(page)
    devtools.on(
        "Network.requestWillBeSent",
        lambda told: addresses.update({told["requestId"]: told["request"]["url"]}),
    )

    def count(told: dict[str, object]) -> None:
        address = addresses.get(str(told["requestId"]), "?")
        received[address] = received.get(address, 0) + int(str(told["encodedDataLength"]))

    devtools.on("Network.dataReceived", count)
    devtools.send("Network.enable")
    return received


def write_bare_page(gateway_port: int, folder: Path) -> None:
    """Before the server starts, which reads once which files it has; for a gateway at `gateway_port`."""
    from django.templatetags.static import static

    token = AccessToken(
        catalogue.account_sid(catalogue.DEMO),
        catalogue.key_sid("demo standard"),
        catalogue.key_secret("demo standard"),
        identity="bench_bare",
    )
    token.add_grant(VoiceGrant(incoming_allow=True))
    options = {"sound": static("phone/sounds/disconnect.wav"), "gateway": f"127.0.0.1:{gateway_port}"}
    files = {
        "bare.html": BARE_PAGE % static("twilio-voice-sdk/twilio.min.js"),
        "sockets.js": PLAIN_SOCKETS,
        "bare.js": BARE_SCRIPT % {"token": token.to_jwt(), **options},
    }
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
