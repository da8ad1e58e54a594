"""What goes on meanwhile: Twilio's webhooks, people who sign in, tokens, letters, files of contacts."""

import asyncio
import itertools
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from fake_twilio import catalogue
from soak.browser import PATIENCE_SECONDS, Answer, Browser
from soak.ledger import Ledger
from soak.stage import Stage
from tests.webhook_requests import build_call_sid, sign

# Nobody is sent two letters to reset a password within a minute.
LETTER_EVERY_SECONDS = 75.0
LETTERS_AT_MOST = 9
# Of the twenty an hour that a person may import.
IMPORTS_AT_MOST = 18
# Of each kind: no more than the server can take, or this machine would be measured.
AT_ONCE = 3
ACCOUNTS = {"alice": catalogue.DEMO, "carol": "other"}


@dataclass
class Load:
    stage: Stage
    ledger: Ledger
    session: ClientSession
    chosen: random.Random
    people: dict[str, Browser] = field(default_factory=dict)
    letters_at: dict[str, float] = field(default_factory=dict)
    imports_of: dict[str, int] = field(default_factory=dict)
    calls: "itertools.count[int]" = field(default_factory=itertools.count)

    def build_browser(self, name: str) -> Browser:
        """One that nobody has signed in with."""
        return Browser(self.session, self.ledger, self.stage.front_port, f"{name}@example.com")

    async def sign_everybody_in(self) -> None:
        for name in ("alice", "bob", "carol", *self.stage.page_owners):
            self.people[name] = self.build_browser(name)
            await self.people[name].sign_in_at_last()

    # Webhooks

    async def ask_webhook(self, name: str, path: str, **params: str) -> Answer:
        """A webhook as Twilio sends it for `name`'s account, signed."""
        account = ACCOUNTS[name]
        form = {
            "AccountSid": catalogue.account_sid(account),
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            "From": catalogue.STRANGER_NUMBER,
            "To": catalogue.DEMO_NUMBER,
            **params,
        }
        address = f"/phone/webhooks/{self.stage.service.webhook_keys[name]}/{path}/"
        signature = sign(self.stage.url + address, form, catalogue.auth_token(account))
        begun = time.monotonic()
        try:
            async with self.session.post(
                f"http://127.0.0.1:{self.stage.front_port}{address}",
                data=form,
                headers={"X-Twilio-Signature": signature, "Host": f"localhost:{self.stage.front_port}"},
                timeout=ClientTimeout(total=PATIENCE_SECONDS),
            ) as response:
                answer = Answer(response.status, await response.text(errors="replace"))
        except (ClientError, OSError, TimeoutError) as error:
            answer = Answer(error=type(error).__name__)
        self.ledger.note_answer(f"webhook {path}", time.monotonic() - begun)
        return answer

    async def call_in(self, name: str = "") -> None:
        """Somebody calls, hears what they hear, and hangs up."""
        # Mostly where few are rung: who else has a page is told of every call to them.
        name = name or self.chosen.choice(("alice", "carol", "carol", "carol"))
        sid = build_call_sid(f"soak {uuid.uuid4()}")
        answer = await self.ask_webhook(name, "voice", CallSid=sid, CallStatus="ringing")
        self.ledger.note_webhook("voice", answer.status, answer.text, answer.error)
        if "<Dial" in answer.text:
            answer = await self.ask_webhook(
                name, "dial", CallSid=sid, CallStatus="in-progress", DialCallStatus="no-answer"
            )
            self.ledger.note_webhook("dial", answer.status, answer.text, answer.error)
        await self.ask_webhook(name, "status", CallSid=sid, CallStatus="completed")

    # People

    async def sign_in(self) -> Answer:
        return await self.build_browser(self.chosen.choice([*self.people])).sign_in()

    async def ask_token(self) -> Answer:
        return await self.people[self.chosen.choice([*self.people])].post("/phone/token/")

    # What a worker does

    async def ask_letter(self) -> None:
        """Somebody has forgotten their password who was not written to for a while."""
        now = time.monotonic()
        free = [
            name
            for name in self.stage.readers
            if self.letters_at.get(name, 0) < now - LETTER_EVERY_SECONDS
            and self.ledger.letters_asked[f"{name}@example.com"] < LETTERS_AT_MOST
        ]
        if not free:
            return
        name = self.chosen.choice(free)
        self.letters_at[name] = now
        browser = self.build_browser(name)
        if (await browser.get("/accounts/password/reset/")).status != 200:
            return
        self.ledger.ask_letter(browser.email)
        answer = await browser.post("/accounts/password/reset/", {"email": browser.email})
        if answer.status == 302:
            self.ledger.acknowledge_letter(browser.email)

    async def ask_import(self, contacts: int = 20) -> None:
        """Somebody takes their contacts along; each has the file's mark in its name."""
        free = [one for one in self.stage.page_owners if self.imports_of.get(one, 0) < IMPORTS_AT_MOST]
        if not free:
            return
        name = self.chosen.choice(free)
        self.imports_of[name] = self.imports_of.get(name, 0) + 1
        mark = uuid.uuid4().hex
        rows = "".join(f"{mark} {number},+1202555{number:04}\n" for number in range(contacts))
        form = FormData()
        content = f"Name,Phone\n{rows}".encode()
        form.add_field("file", content, filename="contacts.csv", content_type="text/csv")
        self.ledger.ask_import(mark, contacts)
        answer = await self.people[name].post("/phone/contacts/import/", form)
        if answer.status == 302:
            self.ledger.acknowledge_import(mark)

    async def go_on(self) -> None:
        """All of it, each in its own rhythm, until it is called off."""
        rhythms: list[tuple[Any, float]] = [
            (self.call_in, 1.0),
            (self.sign_in, 3.0),
            (self.ask_token, 1.5),
            (self.ask_letter, 3.0),
            (self.ask_import, 10.0),
        ]
        await asyncio.gather(*(self.repeat(deed, seconds) for deed, seconds in rhythms))

    async def repeat(self, deed: Any, seconds: float) -> None:
        # In tasks of their own: whoever waits long holds up nobody who comes later.
        under_way: set[asyncio.Task[Any]] = set()
        try:
            while True:
                await asyncio.sleep(self.chosen.expovariate(1 / seconds))
                if len(under_way) >= AT_ONCE:
                    continue
                task = asyncio.create_task(deed())
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                for done in [one for one in under_way if one.done()]:
                    done.result()
        finally:
            # What is asked is answered before the end is counted.
            await asyncio.gather(*under_way, return_exceptions=True)
