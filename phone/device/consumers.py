"""The Device's socket: each frame is checked, recorded, answered; bad ones are refused and forgotten.

Frames are taken one after the other. What they say is written with what other pages say (`writing/`), and
answered in the order in which it came. What may ask Twilio waits in a queue of the socket's own, so
that its results come in order and nobody else waits for them.
"""

import asyncio
import json
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.db import Error
from django.utils import translation
from structlog.contextvars import bind_contextvars

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import ClientInfo, build_client_info
from accounts.languages import choose_language, read_asked
from accounts.people import User
from accounts.push import CREDENTIALS_CHANGED, PHONE_GONE, session_group, user_group
from phone.device.arrivals import ARRIVALS, Admission, Arrival, Arrived, Refused, TooMany
from phone.device.departures import DEPARTURES, Departure
from phone.device.diagnosis import diagnose
from phone.device.events import CALL_STATES, DeviceEvent
from phone.device.frames import (
    InvalidEvent,
    parse_frame,
    parse_report,
    parse_uuid,
    read_echo,
    read_id,
    read_state,
    show,
)
from phone.device.jobs import Job, Jobs, TooMuchWaits
from phone.device.of_person import FRAMES_PER_SECOND, PACKET, get_frames
from phone.device.one_device import is_about
from phone.device.origins import get_headers
from phone.device.presence import ClosedPage
from phone.device.returns import RETURNS
from phone.device.sessions import get_standing, read_session_key
from phone.device.silences import Heard, Return, end_silence
from phone.device.threads import in_database_thread, in_twilio_thread
from phone.device.watching import SILENCE_SECONDS, Found, get_watcher, look_soon
from phone.device.writing.heartbeats import get_heartbeats
from phone.device.writing.page import Page
from phone.device.writing.words import Outcome, Word
from phone.device.writing.writer import get_writer
from phone.tokens.answers import DATABASE_AWAY, issue_token
from phone.tokens.at_once import Asked
from phone.tokens.counter import ask_at_once

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

SIGNED_OUT = 4401
TOO_MANY_FRAMES = 4429
NO_PHONE = 4409
# As the server itself closes it where something broke (RFC 6455).
BROKEN = 1011

# Longer than what was sent before a word arrives is on its way; shorter than from heartbeat to heartbeat.
HEARD_AFTER_SECONDS = 5.0
# So much of what one page has said is on its way to the database before it is heard further.
MOST_ON_THE_WAY = 200
NOT_RECORDED = "Our database does not answer, and nothing was recorded: send it again."


class DeviceConsumer(AsyncWebsocketConsumer):
    """One page's socket. Without a page session in its address, the socket is one of its own."""

    user: User | None = None
    # The groups of the channel layer that it is in.
    joined: Sequence[str] = ()
    is_closing = False
    is_signed_out = False
    is_in_doubt = False
    # What it was told of a silence, and when by the loop's clock, until it is known that it heard that.
    told: tuple[Return, float] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes what comes, one after the other.

        Channels' own keeps two tasks for each socket, and starts another one and goes through a thread for
        each frame. What is pushed waits in a queue of its own, `pushes`.
        """
        self.scope, self.base_send = scope, send
        self.pushes = Jobs()
        self.channel_layer = get_channel_layer()
        self.channel_name = await self.channel_layer.new_channel()
        code = BROKEN
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                if message["type"] == "websocket.connect":
                    await self.connect()
                else:
                    await self.receive(message.get("text"), message.get("bytes"))
            code = message["code"]
        finally:
            await self.disconnect(code)

    async def connect(self) -> None:
        self.socket = uuid.uuid4()
        self.session_key = read_session_key(self.scope)
        self.client = self.build_client()
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.page_session = parse_uuid(query.get("page_session", [""])[0]) or self.socket
        bind_contextvars(page_session=str(self.page_session))
        asked = read_asked((get_headers(self.scope, b"accept-language") or [""])[0])
        outcome = await self.arrive(asked)
        if isinstance(outcome, Admission):
            self.begin(outcome, asked)
        else:
            self.leave_groups()
        # Accepted whatever it is: a refused handshake would look like a network failure and invite a retry.
        await self.accept()
        match outcome:
            case Admission():
                await self.tell_all(outcome.greetings)
                # What was pushed since it has joined its groups comes after what was read since.
                self.pushes.begin(self.page.context)
            case TooMany(user=user):
                await self.keep_refusal(user, "sockets-of-person")
                await self.close_on_flood("Too many pages of yours are open.")
            case Refused.SIGNED_OUT:
                await self.sign_out()

    async def arrive(self, asked: str) -> Arrived:
        if not self.session_key:
            return Refused.SIGNED_OUT
        arrival = Arrival(
            session_key=self.session_key,
            page_session=self.page_session,
            socket=self.socket,
            client=self.client,
            asked=asked,
            join=self.join_groups,
        )
        return await ARRIVALS.ask(arrival)

    def begin(self, admission: Admission, asked: str) -> None:
        """Everything is as when the page was let in; what it is told of that, it is told next."""
        self.user, self.slot, self.standing = admission.user, admission.slot, admission.standing
        self.key = self.user.pk, self.page_session
        self.frames = get_frames(self.user.pk)
        if admission.has_packet:
            self.frames.packet += PACKET
        # For all that is said on this socket, which has a context of its own.
        translation.activate(choose_language(self.user, asked))
        context = copy_context()
        self.page = Page(self.user, self.page_session, self.client, context, admission.known)
        self.page.say_again = self.say_again
        self.is_silent = admission.is_marked
        self.writer, self.heartbeats = get_writer(), get_heartbeats()
        # What has been said and is not answered, the oldest first.
        self.on_the_way: deque[Word] = deque()
        self.answering: asyncio.Task[None] | None = None
        self.jobs = Jobs()
        self.jobs.begin(context)
        get_watcher().begin(self)
        if self.is_in_doubt:
            look_soon(self)

    def build_client(self) -> ClientInfo:
        address = (self.scope.get("client") or ("",))[0]
        user_agent = (get_headers(self.scope, b"user-agent") or [""])[0]
        return build_client_info(address, user_agent)

    def join_groups(self, user_id: int) -> None:
        self.channel_layer.attach(self.channel_name, self.hear_push)
        self.joined = user_group(user_id), session_group(self.session_key)
        self.channel_layer.join(self.joined, self.channel_name)

    def leave_groups(self) -> None:
        self.channel_layer.leave(self.joined, self.channel_name)
        self.joined = ()

    async def disconnect(self, code: int) -> None:
        self.leave_groups()
        if self.user is None:
            return
        get_watcher().end(self)
        # What was taken is written first.
        if self.answering is not None:
            await asyncio.wait([self.answering])
        await self.heartbeats.finish(self.page)
        page = ClosedPage(self.user, self.page_session, self.socket, self.is_signed_out)
        try:
            await DEPARTURES.ask(Departure(page, self.slot))
        except Error as error:
            # The page counts as there until its silence has been long enough.
            logger.warning("A page's leaving could not be recorded: %s", type(error).__name__)
        await self.pushes.end(0)
        await self.jobs.end()

    # Frames from the page

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.user is None or self.is_closing:
            return
        try:
            if not await self.frames.take():
                await self.keep_refusal(self.user, "frames-of-person")
                await self.close_on_flood(f"More than {FRAMES_PER_SECOND} frames a second.")
                return
            await self.take(self.user, parse_frame(text_data))
        except InvalidEvent as invalid:
            await self.refuse(invalid)
        except Error as error:
            await self.tell_not_recorded(error)

    async def take(self, user: User, frame: dict[str, Any]) -> None:
        """Does what a frame asks. Raises InvalidEvent."""
        page = self.page
        if not page.is_heard_lately():
            page.known = None
        page.heard_at = time.monotonic()
        match frame.get("type"):
            case "event":
                report = parse_report(frame)
                await self.say(Word(page, report, asks_of_silence=self.is_silent))
            case "alive":
                state = read_state(frame["state"]) if "state" in frame else None
                await self.take_heartbeat(None if state in CALL_STATES else state)
            case "echo":
                await self.tell({"type": "echo", "id": str(read_echo(frame))})
            case "renew":
                self.put_off(lambda: self.renew(user))
            case other:
                raise InvalidEvent(
                    f"type is {show(other)}; expected event, alive, echo or renew.", read_id(frame)
                )

    async def take_heartbeat(self, state: str | None) -> None:
        """Keeps it, where it says no more than that the page is as it was a moment ago."""
        is_no_news = self.page.is_as_known(state) and not self.page.waiting
        if is_no_news and not self.is_silent and self.told is None:
            self.heartbeats.keep(self.page, state)
        else:
            # A call may have found the page silent.
            await self.say(Word(self.page, state=state, asks_of_silence=True))

    def say_again(self, state: str | None) -> None:
        """A heartbeat that was kept has turned out to be news."""
        self.put(Word(self.page, state=state, asks_of_silence=True))

    async def say(self, word: Word) -> None:
        """Has it written and then answered. Returns before, unless too much is on its way."""
        self.put(word)
        if len(self.on_the_way) >= MOST_ON_THE_WAY and self.answering is not None:
            await asyncio.wait([self.answering])

    def put(self, word: Word) -> None:
        if word.asks_of_silence:
            self.is_silent = False
        self.writer.put(word)
        self.on_the_way.append(word)
        if self.answering is None:
            self.answering = asyncio.create_task(self.answer_all(), context=self.page.context)

    async def answer_all(self) -> None:
        """Answers what is written, in the order in which it was said."""
        try:
            while self.on_the_way:
                word = self.on_the_way[0]
                try:
                    if word.written is not None and self.user is not None:
                        await self.answer(self.user, word, await word.written)
                except Error as error:
                    self.is_silent |= word.asks_of_silence
                    await self.tell_not_recorded(error)
                except Exception:
                    # The page sends again, on a new socket, what it was not answered.
                    logger.exception("What a page said could not be taken")
                    await self.close(code=BROKEN)
                finally:
                    self.on_the_way.popleft()
        finally:
            self.answering = None

    async def answer(self, user: User, word: Word, outcome: Outcome) -> None:
        event = outcome.event
        if event is not None:
            await self.tell({"type": "recorded", "id": str(event.event_id)})
            if event.state in (DeviceEvent.State.ERROR, DeviceEvent.State.OFFLINE) and not event.is_repeat:
                with suppress(InvalidEvent):
                    self.put_off(lambda: self.diagnose(user, event))
        if outcome.is_no_news:
            self.heartbeats.keep(self.page, event.state if event else None)
        await self.hear_page(user, word, outcome)

    async def tell_not_recorded(self, error: Error) -> None:
        # Without its id, because the page would forget an event that is refused by name.
        logger.warning("A frame was not taken, without the database: %s", type(error).__name__)
        await self.tell({"type": "refused", "id": None, "reason": NOT_RECORDED})

    async def hear_page(self, user: User, word: Word, outcome: Outcome) -> None:
        """The page is alive; it is told if it had not been.

        Each heartbeat asks, because a call may have found the page silent; whatever else may be one of many,
        and asks only where this socket has reason to.
        """
        if self.told is not None and not await self.is_news_after_telling(*self.told):
            return
        if not outcome.is_marked:
            return
        reported_at = outcome.event.reported_at if outcome.event is not None else None
        returned = await RETURNS.ask(Heard(user, self.page_session, reported_at))
        if returned is not None:
            await self.tell({"type": "verdict", "verdict": returned.build_verdict().as_json()})
            self.told = returned, asyncio.get_running_loop().time()

    async def is_news_after_telling(self, returned: Return, told_at: float) -> bool:
        """Whether what is heard now is about more than a silence that the page was told of at `told_at`.

        A page that gives up its socket on waking says nothing more on it but what had left already. One
        that is heard of a while later still uses the socket, and so has heard; the silence ends then.
        """
        since = asyncio.get_running_loop().time() - told_at
        if since < HEARD_AFTER_SECONDS:
            return False
        self.told = None
        if since < SILENCE_SECONDS:
            await in_database_thread(end_silence, returned)
        return True

    async def refuse(self, invalid: InvalidEvent) -> None:
        event_id = str(invalid.event_id) if invalid.event_id else None
        await self.tell({"type": "refused", "id": event_id, "reason": invalid.reason})
        if not self.frames.refusals.take():
            if self.user is not None:
                await self.keep_refusal(self.user, "refused-frames-of-person")
            await self.close_on_flood("Too many frames that cannot be taken.")

    async def keep_refusal(self, user: User, about: str) -> None:
        with suppress(Error):
            await in_database_thread(
                record_refusal, Refusal.What.SOCKET, user=user, client=self.client, about=about
            )

    async def close_on_flood(self, reason: str) -> None:
        await self.tell({"type": "refused", "id": None, "reason": reason})
        await self.close(code=TOO_MANY_FRAMES)

    # What may ask Twilio, in its own time

    def put_off(self, job: Job) -> None:
        """Queues `job`. Raises InvalidEvent where too much is waiting already."""
        try:
            self.jobs.put_off(job)
        except TooMuchWaits as error:
            raise InvalidEvent("Too much is waiting for Twilio's answer already.") from error

    async def renew(self, user: User) -> None:
        try:
            answer = await ask_at_once(Asked(self.page_session, user_id=user.pk))
            if answer is None:
                answer = await in_twilio_thread(
                    user, issue_token, user=user, client=self.client, page_session=self.page_session
                )
        except Error:
            await self.tell({"type": "verdict", "verdict": DATABASE_AWAY.as_json()})
            raise
        kind = "token" if answer.status == 200 else "verdict"
        await self.tell({"type": kind, **answer.body})

    async def diagnose(self, user: User, event: DeviceEvent) -> None:
        verdict = await in_twilio_thread(user, diagnose, event)
        if verdict is not None:
            await self.tell({"type": "verdict", "verdict": verdict.as_json()})

    # Frames from the server

    def hear_push(self, message: dict[str, Any]) -> None:
        """From the channel layer. A page that has too much to hear asks again once it is in doubt."""
        if message["type"] == "push.resumed":
            self.push_resumed()
            return
        with suppress(TooMuchWaits):
            self.pushes.put_off(lambda: self.push_frame(message))

    async def push_frame(self, message: dict[str, Any]) -> None:
        """A frame that `accounts/push.py` sent to this person or session."""
        frame = message["frame"]
        if frame.get("type") == "signed_out":
            await self.sign_out()
            return
        if is_about(frame, self.page_session):
            return
        await self.tell(frame)
        if frame == PHONE_GONE:
            # Whatever the page makes of it, nothing of the company's is told here any more.
            await self.close(code=NO_PHONE)
            return
        if self.user is not None and frame == CREDENTIALS_CHANGED:
            # What the page has just heard of, it need not be told again when it is in doubt.
            with suppress(Error):
                self.standing = await in_database_thread(get_standing, self.user)

    def push_resumed(self) -> None:
        """A push may have been lost on its way here (`dognbone/redis/channel_layer.py`)."""
        self.is_in_doubt = True
        if self.user is not None:
            look_soon(self)

    # What the watcher asks, and finds (`watching.py`)

    @property
    def heard_at(self) -> float:
        return self.page.heard_at

    def be_found(self, found: Found) -> None:
        try:
            self.pushes.put_off(lambda: self.take_in(found))
        except TooMuchWaits:
            look_soon(self)

    async def take_in(self, found: Found) -> None:
        """Ends the socket when its session has ended without a word, as an expired one does."""
        if found.signed_in is None or found.signed_in.user != self.user:
            await self.sign_out()
        elif found.was_in_doubt:
            await self.tell_all(found.greetings)
            if found.signed_in.standing != self.standing:
                self.standing = found.signed_in.standing
                await self.tell(CREDENTIALS_CHANGED)

    def be_marked_silent(self) -> None:
        self.is_silent = True

    async def sign_out(self) -> None:
        self.is_signed_out = True
        await self.tell({"type": "signed_out"})
        await self.close(code=SIGNED_OUT)

    async def tell(self, frame: dict[str, Any]) -> None:
        await self.tell_all([json.dumps(frame)])

    async def tell_all(self, texts: Iterable[str]) -> None:
        """Tells frames that are JSON already."""
        for text in texts:
            if self.is_closing:
                return
            # The page may be gone by the time that Twilio has answered.
            with suppress(OSError):
                await self.send(text_data=text)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        if not self.is_closing:
            self.is_closing = True
            await super().close(code=code, reason=reason)
