"""The official package, which blocks, beside an event loop in which the fake runs."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client


class Package:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, what: Callable[[Client], Any]) -> Any:
        """What `what` does with the client, in a thread."""
        return await asyncio.to_thread(what, self.client)

    async def refuses(self, what: Callable[[Client], Any]) -> tuple[int, int]:
        """The HTTP status and Twilio's code that it is refused with."""
        with pytest.raises(TwilioRestException) as refused:
            await self.ask(what)
        return refused.value.status, refused.value.code
