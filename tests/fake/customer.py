"""A customer's server: answers TwiML from a script, and believes nothing that Twilio did not sign."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from tests.fake.device import PATIENCE

Answer = str | Callable[[dict[str, str]], str] | web.Response


@dataclass
class Customer:
    """`answers` by path, after what `late` awaits. `requests` holds what came in, well signed."""

    auth_token: str
    answers: dict[str, Answer] = field(default_factory=dict)
    late: dict[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bad_signatures: list[str] = field(default_factory=list)
    url: str = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(self.auth_token).validate(str(request.url), form, signature):
            self.bad_signatures.append(str(request.url))
            return web.Response(status=403)
        fields = {**request.query, **form}
        self.requests.append((request.path, fields))
        self.headers.append(dict(request.headers))
        answer = self.answers.get(request.path, "")
        if isinstance(answer, web.StreamResponse):
            return answer
        if request.path in self.late:
            await self.late[request.path]()
        text = answer(fields) if callable(answer) else answer
        return web.Response(text=f"<Response>{text}</Response>", content_type="text/xml")

    def asked(self, path: str) -> list[dict[str, str]]:
        return [fields for asked, fields in self.requests if asked == path]

    async def wait_for(self, path: str, count: int = 1, **wanted: str) -> dict[str, str]:
        """The `count`-th request to `path` whose fields hold `wanted`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                fitting = [one for one in self.asked(path) if wanted.items() <= one.items()]
                if len(fitting) >= count:
                    return fitting[count - 1]
                await asyncio.sleep(0.01)


@asynccontextmanager
async def run_customer(auth_token: str) -> AsyncIterator[Customer]:
    customer = Customer(auth_token)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", customer.serve)
    server = TestServer(app)
    await server.start_server()
    customer.url = str(server.make_url("")).rstrip("/")
    yield customer
    await server.close()
