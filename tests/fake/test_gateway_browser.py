"""The real, unmodified Voice SDK in a real Chromium against the fake's gateway."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from fake_twilio import catalogue
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.tokens import build_access_token
from tests.machine import find_chromium

pytestmark = pytest.mark.browser

SDK = Path(__file__).parents[2] / "node_modules/@twilio/voice-sdk/dist/twilio.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
PAGE = """<!doctype html><title>Device</title>
<script src="/plain-sockets.js"></script><script src="/sdk.js"></script><script src="/page.js"></script>"""
# The SDK knows wss: only. Whatever it opens on this machine is opened without TLS instead.
PLAIN_SOCKETS = """
globalThis.WebSocket = new Proxy(globalThis.WebSocket, {
  construct: (Native, [url, ...rest]) => new Native(url.replace(/^wss:\\/\\/127\\./, 'ws://127.'), ...rest),
});
"""
PAGE_SCRIPT = """
const seen = [];
const connections = [];
globalThis.RTCPeerConnection = new Proxy(globalThis.RTCPeerConnection, {
  construct(Native, args) { const made = new Native(...args); connections.push(made); return made; },
});
let device, call;
const names = ['incoming', 'outgoing', 'disconnect', ...[...'0123456789sh'].map((key) => 'dtmf' + key)];
const note = (name) => (detail) => seen.push(detail?.code ? `${name} ${detail.code}` : name);

async function start(token, chunderw) {
  device = new Twilio.Device(token, {
    chunderw, publishEvents: false, enableImprovedSignalingErrorPrecision: true,
    maxCallSignalingTimeoutMs: 10000,
    sounds: Object.fromEntries(names.map((name) => [name, '/silence.wav'])),
  });
  for (const name of ['registering', 'registered', 'unregistered', 'error']) device.on(name, note(name));
  device.on('incoming', (incoming) => { follow(incoming); note('incoming')(); });
  device.register().catch(() => note('rejected')());
}
function follow(made) {
  call = made;
  for (const name of ['ringing', 'accept', 'disconnect', 'cancel', 'error', 'reconnecting', 'reconnected'])
    call.on(name, note('call ' + name));
}
async function dial(params) { follow(await device.connect({params})); }
async function loudness() {
  let energy = 0;
  for (const connection of connections)
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp') energy += report.totalAudioEnergy;
  return energy;
}
"""


def build_silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(1600))
    return file.getvalue()


@asynccontextmanager
async def serve_page() -> AsyncIterator[str]:
    parts: dict[str, tuple[str | bytes, str]] = {
        "/": (PAGE, "text/html"),
        "/plain-sockets.js": (PLAIN_SOCKETS, "text/javascript"),
        "/page.js": (PAGE_SCRIPT, "text/javascript"),
        "/sdk.js": (SDK.read_bytes(), "text/javascript"),
        "/silence.wav": (build_silence(), "audio/wav"),
    }

    async def serve(request: web.Request) -> web.Response:
        if request.path not in parts:
            raise web.HTTPNotFound
        body, kind = parts[request.path]
        return web.Response(body=body, content_type=kind)

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        await browser.close()


OpenPage = Callable[[str], Awaitable[Page]]


@pytest.fixture
async def open_page(chromium: Browser, fake: Fake) -> AsyncIterator[OpenPage]:
    async with serve_page() as url:

        async def open_one(token: str) -> Page:
            page = await chromium.new_page()
            await page.goto(url)
            await page.evaluate("([token, host]) => start(token, host)", [token, fake.url[7:]])
            return page

        yield open_one


async def until(page: Page, *events: str) -> None:
    """Until these have been seen, in this order."""
    script = """(wanted) => {
      let at = 0;
      for (const name of seen) if (name === wanted[at]) at++;
      return at === wanted.length;
    }"""
    try:
        await page.wait_for_function(script, arg=list(events), timeout=15_000)
    except PlaywrightTimeoutError as error:
        raise AssertionError(await page.evaluate("seen")) from error


async def expect_sound(page: Page) -> None:
    before = await page.evaluate("loudness()")
    async with asyncio.timeout(10):
        while await page.evaluate("loudness()") < before + 0.0005:
            await asyncio.sleep(0.1)


async def test_the_sdk_registers_calls_the_echo_and_survives_a_lost_socket(
    fake: Fake, customer: Customer, open_page: OpenPage
) -> None:
    customer.answers["/voice"] = (
        f'<Dial answerOnBridge="true" callerId="{catalogue.DEMO_NUMBER}">{catalogue.ECHO_NUMBER}</Dial>'
    )
    page = await open_page(build_access_token())
    await until(page, "registering", "registered")
    await page.evaluate("dial({To: '+12025550199'})")
    await until(page, "call ringing", "call accept")
    await expect_sound(page)
    assert customer.asked("/voice")[0]["To"] == catalogue.ECHO_NUMBER

    await page.evaluate("call.sendDigits('42#')")
    await fake.control("POST", "gateway", drop_sockets=True)
    await until(page, "call reconnecting 53001", "call reconnected", "registered")
    await expect_sound(page)
    await page.evaluate("call.disconnect()")
    await customer.wait_for("/status", CallStatus="completed")
    legs = await fake.control("GET", "calls")
    assert "42#" in "".join(leg["digits"] for leg in legs)


async def test_the_sdk_takes_a_call_from_a_stranger(
    fake: Fake, customer: Customer, open_page: OpenPage
) -> None:
    customer.answers["/voice"] = "<Dial><Client>alice</Client></Dial>"
    page = await open_page(build_access_token())
    await until(page, "registered")
    answer = await fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    await until(page, "incoming")
    assert await page.evaluate("call.parameters.From") == catalogue.STRANGER_NUMBER
    await page.evaluate("call.accept()")
    await until(page, "call accept")
    await expect_sound(page)
    await fake.control("DELETE", f"calls/{answer['call_sid']}")
    await until(page, "call disconnect")


async def test_the_sdk_names_each_refusal(fake: Fake, customer: Customer, open_page: OpenPage) -> None:
    wrong = await open_page(build_access_token(secret="x" * 32))
    await until(wrong, "registering", "error 31202", "unregistered", "rejected")
    unknown = await open_page(build_access_token(key="deleted"))
    await until(unknown, "error 20101", "unregistered")
    no_app = await open_page(build_access_token(application_sid="AP" + "0" * 32))
    await until(no_app, "registered")
    await no_app.evaluate("dial({})")
    await until(no_app, "call error 31005", "call disconnect")
