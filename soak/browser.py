"""Somebody's browser as the server sees it: cookies, forms, and sockets, over one network or another."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, ClientWSTimeout

from soak.ledger import BROKEN, Ledger
from tests.service.people import PASSWORD

# Longer than anybody is to wait, on a machine that has much else to do, too.
PATIENCE_SECONDS = 120.0


@dataclass
class Answer:
    """`status` 0: none came, and `error` says how."""

    status: int = 0
    text: str = ""
    location: str = ""
    error: str = ""


@dataclass
class Browser:
    """`public_port` is the front's, by whose name it asks; `port` where its network begins."""

    session: ClientSession
    ledger: Ledger
    public_port: int
    email: str
    port: int = 0
    # Whatever hangs on a network that is cut is no fault of the server's.
    is_counted: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    def over(self, port: int) -> "Browser":
        """The same browser by way of a network that may be cut; the cookies are shared."""
        return replace(self, port=port, is_counted=False)

    @property
    def headers(self) -> dict[str, str]:
        host = f"localhost:{self.public_port}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Host": host, "Origin": f"http://{host}", "Referer": f"http://{host}/", "Cookie": cookies}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port or self.public_port}"

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, fields: Any = None, **headers: str) -> Answer:
        headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        return await self.ask("POST", path, fields, headers)

    async def ask(
        self, method: str, path: str, fields: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        begun = time.monotonic()
        try:
            async with self.session.request(
                method,
                f"http://{self.address}{path}",
                data=fields,
                headers={**self.headers, **(headers or {})},
                allow_redirects=False,
                timeout=ClientTimeout(total=PATIENCE_SECONDS),
            ) as response:
                text = await response.text(errors="replace")
                self.keep_cookies(response.headers.getall("Set-Cookie", []))
                answer = Answer(response.status, text, response.headers.get("Location", ""))
        except (ClientError, OSError, TimeoutError) as error:
            answer = Answer(error=type(error).__name__)
        if self.is_counted:
            self.ledger.note_answer(f"{method} {path}", time.monotonic() - begun)
        if answer.status == 500:
            self.ledger.find(BROKEN, f"{method} {path} was answered 500")
        return answer

    def keep_cookies(self, set_cookies: list[str]) -> None:
        for line in set_cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value

    async def sign_in(self) -> Answer:
        """302 where it has worked."""
        door = await self.get("/accounts/login/")
        if door.status != 200:
            return door
        return await self.post("/accounts/login/", {"login": self.email, "password": PASSWORD})

    async def sign_in_at_last(self, seconds: float = 60.0) -> None:
        """Tries until it has worked. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while (await self.sign_in()).status != 302:
                await asyncio.sleep(0.5)

    async def open_socket(self, page_session: str) -> ClientWebSocketResponse:
        """Raises ClientError, OSError."""
        return await self.session.ws_connect(
            f"http://{self.address}/ws/device/?page_session={page_session}",
            headers=self.headers,
            # A network that swallows everything is not waited for.
            timeout=ClientWSTimeout(ws_close=0.2),
        )
