"""One REST request on its way through the gates: what is known of it so far."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from fake_twilio.app_keys import STORE
from fake_twilio.credentials import Credential
from fake_twilio.rest.hosts import TwilioHost
from fake_twilio.store import Account, Store

if TYPE_CHECKING:
    from fake_twilio.rest.parameters import Parameter

V2010 = "/2010-04-01"
ACCOUNT_IN_PATH = re.compile(r"/Accounts/(AC[0-9a-fA-F]{32})(?=[/.]|$)")


@dataclass
class Exchange:
    request: web.Request
    host: TwilioHost
    # The SIDs in the path, by prefix: {"AC": …, "CA": …}.
    sids: dict[str, str] = field(default_factory=dict)
    # The parameters by Twilio's names, read and checked.
    values: dict[str, Any] = field(default_factory=dict)
    # Set by the gates, before any handler sees the exchange.
    proven: Credential | None = None
    owner: Account | None = None
    resource: Any = None

    @property
    def store(self) -> Store:
        return self.request.app[STORE]

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def credential(self) -> Credential:
        if self.proven is None:
            raise LookupError("no credentials were proven")
        return self.proven

    @property
    def account(self) -> Account:
        """The account that the path names; where it names none, the credential's own."""
        return self.owner or self.credential.account


@dataclass(frozen=True)
class Answer:
    """A resource. `element` is its name in XML; the body's keys are Twilio's, in snake case."""

    body: dict[str, Any] | None
    element: str = ""
    status: int = 200


Handler = Callable[[Exchange], Awaitable[Answer]]
# Finds what the path names, or None: the gate answers 404.
Finder = Callable[[Exchange], Any]


@dataclass(frozen=True)
class Endpoint:
    """One method of one address. `path` is a template whose `{XX}` are SIDs with that prefix."""

    method: str
    path: str
    handler: Handler
    parameters: Mapping[str, "Parameter"] = field(default_factory=dict)
    find: Finder | None = None
    product: str = "api"
    # What a Restricted key's policy must allow.
    permission: str = ""
    works_with_test_credentials: bool = False
