"""The page itself in Chromium, a few of it: it is reloaded and killed, and has to come back by itself."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, WebSocket, async_playwright
from playwright.async_api import Page as Tab

from soak.browser import Browser
from soak.ledger import NOT_RECOVERED, Ledger
from tests.browser.conftest import CHROMIUM_FLAGS

LOAD_MS = 20_000
STATE = "() => document.querySelector('[role=status][aria-label=Phone]')?.dataset.state ?? ''"
WAITING = (
    "() => Object.keys(localStorage).filter(key => key.startsWith('dognbone.events.'))"
    ".map(key => JSON.parse(localStorage.getItem(key)).length).reduce((all, one) => all + one, 0)"
)


@dataclass
class RealPage:
    """One tab, in a browser of its own, by way of a network of its own."""

    context: BrowserContext
    ledger: Ledger
    url: str
    email: str
    tab: Tab | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """A new tab with the phone, tried again by whoever sits there until it is one."""
        tab = self.tab = await self.context.new_page()
        tab.on("websocket", self.hear_socket)
        await self.load(tab)

    async def load(self, tab: Tab) -> None:
        for _ in range(20):
            try:
                answer = await tab.goto(self.url, timeout=LOAD_MS, wait_until="domcontentloaded")
                if answer is not None and answer.ok:
                    return
            except Error:
                if tab.is_closed():
                    return
            await asyncio.sleep(1)

    def hear_socket(self, socket: WebSocket) -> None:
        if "/ws/device/" in socket.url:
            socket.on("framereceived", self.hear_frame)

    def hear_frame(self, text: Any) -> None:
        if isinstance(text, str) and '"recorded"' in text:
            self.ledger.note_recorded(json.loads(text)["id"], f"{self.email} in Chromium")

    async def reload(self) -> None:
        async with self.lock:
            if self.tab is not None:
                await self.load(self.tab)

    async def kill(self) -> None:
        """The tab is gone without a word, and another is opened in the same browser."""
        async with self.lock:
            tab, self.tab = self.tab, None
            if tab is not None:
                session = await self.context.new_cdp_session(tab)
                crashing = asyncio.create_task(session.send("Page.crash"))
                await asyncio.wait([crashing], timeout=1)
                crashing.cancel()
                await asyncio.gather(crashing, return_exceptions=True)
                await asyncio.wait([asyncio.create_task(tab.close())], timeout=5)
            await self.open()

    async def is_well(self) -> bool:
        if self.tab is None:
            return False
        try:
            async with asyncio.timeout(5):
                return await self.tab.evaluate(STATE) == "ready" and await self.tab.evaluate(WAITING) == 0
        except (Error, TimeoutError):
            return False

    async def settle(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not await self.is_well():
            if time.monotonic() > deadline:
                state = await self.tab.evaluate(STATE) if self.tab is not None else "no tab"
                self.ledger.find(NOT_RECOVERED, f"the tab of {self.email} is {state!r} after {seconds:.0f} s")
                return
            await asyncio.sleep(0.5)


@asynccontextmanager
async def run_chromium(path: str) -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, headless=True)
        try:
            yield browser
        finally:
            await browser.close()


async def open_page(chromium: Chromium, ledger: Ledger, browser: Browser, port: int) -> RealPage:
    """`browser` has the session, `port` is where the page's network begins."""
    context = await chromium.new_context(permissions=["microphone"])
    url = f"http://localhost:{port}/"
    await context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in browser.cookies.items()]
    )
    page = RealPage(context, ledger, url, browser.email)
    await page.open()
    return page
