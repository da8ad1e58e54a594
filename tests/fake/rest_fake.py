"""The fake's REST API over real HTTP, for the official package and for raw requests."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from fake_twilio import catalogue
from fake_twilio.app import build_app
from fake_twilio.app_keys import STORE
from fake_twilio.store import Account, Region

HOSTS = {"us1": "api.twilio.com", "ie1": "api.dublin.ie1.twilio.com", "au1": "api.sydney.au1.twilio.com"}
EDGES = {"us1": None, "ie1": "dublin", "au1": "sydney"}
V2010 = "/2010-04-01"
TIMEOUT = 10

Login = tuple[str, str] | None


class OriginRewriter(TwilioHttpClient):
    """Sends what is meant for Twilio to the fake, and says which host it was meant for."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self.base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Twilio-Host": parts.netloc}
        url = urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


def token_login(name: str = catalogue.DEMO, region: Region = "us1") -> tuple[str, str]:
    return catalogue.account_sid(name), catalogue.auth_token(name, region)


def key_login(name: str) -> tuple[str, str]:
    return catalogue.key_sid(name), catalogue.key_secret(name)


DEMO_LOGIN = token_login()


class RestFake:
    """A running fake with its store within reach."""

    def __init__(self, app: web.Application, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self.http_client = OriginRewriter(base_url)
        self.session = requests.Session()
        self.session.trust_env = False

    def close(self) -> None:
        self.session.close()
        self.http_client.session.close()

    def account(self, name: str = catalogue.DEMO) -> Account:
        return self.app[STORE].accounts[catalogue.account_sid(name)]

    def client(
        self, login: tuple[str, str] = DEMO_LOGIN, account: str = "", region: Region = "us1"
    ) -> Client:
        """The official package's client for an account of the catalogue."""
        return Client(
            *login,
            catalogue.account_sid(account) if account else login[0],
            region=None if region == "us1" else region,
            edge=EDGES[region],
            http_client=self.http_client,
            environment={"_": "_"},
        )

    def ask(
        self,
        path: str,
        login: Login = DEMO_LOGIN,
        *,
        method: str = "GET",
        host: str = HOSTS["us1"],
        timeout: float = TIMEOUT,
        **more: Any,
    ) -> requests.Response:
        """One raw request."""
        headers = {"X-Twilio-Host": host, **more.pop("headers", {})}
        return self.session.request(
            method,
            self.base_url + path,
            auth=login,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            **more,
        )

    def of_account(
        self, path: str, *args: Any, name: str = catalogue.DEMO, **kwargs: Any
    ) -> requests.Response:
        """One raw request for `path` beneath an account."""
        return self.ask(f"{V2010}/Accounts/{catalogue.account_sid(name)}{path}", *args, **kwargs)

    def control(self, method: str, path: str, /, **body: Any) -> requests.Response:
        return self.session.request(
            method, f"{self.base_url}/_fake/{path}", json=body or None, timeout=TIMEOUT
        )


@contextmanager
def run_rest_fake() -> Iterator[RestFake]:
    """The fake in a thread of its own, so that the package's blocking client can ask it."""
    loop = asyncio.new_event_loop()
    app = build_app()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host, port = runner.addresses[0][:2]
    fake = RestFake(app, f"http://{host}:{port}")
    try:
        yield fake
    finally:
        fake.close()
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(TIMEOUT)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
