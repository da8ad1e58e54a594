"""The Device's socket: each frame is checked, recorded, answered; bad ones are refused and forgotten.

Frames are taken one after the other. What they say is written with what other pages say (`writing/`), and
answered in the order in which it came. What may ask Twilio waits in a queue of the socket's own, so
that its results come in order and nobody else waits for them.
"""

import asyncio
import json
import logging
import random
import time
import uuid
from collections import deque
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error
from django.utils import translation
from structlog.contextvars import bind_contextvars

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import ClientInfo, build_client_info
from accounts.languages import choose_language, keep_language, read_asked
from accounts.people import User
from accounts.push import CREDENTIALS_CHANGED, PHONE_GONE, session_group, user_group
from accounts.sign_ins.noting import note_seen
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
from phone.device.greetings import build_greetings, tell_gone
from phone.device.jobs import Job, Jobs, TooMuchWaits
from phone.device.of_person import (
    FRAMES_PER_SECOND,
    TURNS,
    Slot,
    get_frames,
    hold_slot,
    leave_slot,
    take_slot,
)
from phone.device.one_device import find_elsewhere, is_about
from phone.device.origins import get_headers
from phone.device.presence import SILENT_AFTER, record_connected, record_disconnected
from phone.device.sessions import get_signed_in_user, get_standing, is_still_signed_in, read_session_key
from phone.device.silences import Return, end_silence, note_silence, notice_return
from phone.device.threads import in_database_thread, in_twilio_thread
from phone.device.writing.heartbeats import get_heartbeats
from phone.device.writing.page import Page
from phone.device.writing.words import Outcome, Word
from phone.device.writing.writer import get_writer
from phone.tokens.answers import DATABASE_AWAY, issue_token
from phone.tokens.at_once import Asked
from phone.tokens.counter import ask_at_once

logger = logging.getLogger(__name__)

SIGNED_OUT = 4401
TOO_MANY_FRAMES = 4429
NO_PHONE = 4409
# As the server itself closes it where something broke (RFC 6455).
BROKEN = 1011

SESSION_CHECK_SECONDS = 30
# Within which all pages of a process ask again what they may have missed.
DOUBT_SECONDS = 3.0
# A moment more, because the row of what was last heard is a little younger than its frame.
SILENCE_SECONDS = SILENT_AFTER.total_seconds() + 1
# Longer than what was sent before a word arrives is on its way; shorter than from heartbeat to heartbeat.
HEARD_AFTER_SECONDS = 5.0
# So much of what one page has said is on its way to the database before it is heard further.
MOST_ON_THE_WAY = 200
NOT_RECORDED = "Our database does not answer, and nothing was recorded: send it again."


class DeviceConsumer(AsyncWebsocketConsumer):
    """One page's socket. Without a page session in its address, the socket is one of its own."""

    user: User | None = None
    slot: Slot | None = None
    is_closing = False
    is_signed_out = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without a look, in a thread, for connections to close: no handler leaves any open there."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.session_key = read_session_key(self.scope)
        user = await in_database_thread(get_signed_in_user, self.session_key)
        if user is None:
            # Accepted first: a refused handshake would look like a network failure and invite a retry.
            await self.accept()
            await self.sign_out()
            return
        self.socket = uuid.uuid4()
        self.slot = await in_database_thread(take_slot, user.pk, self.socket)
        if self.slot is None:
            await self.accept()
            await self.keep_refusal(user, "sockets-of-person")
            await self.close_on_flood("Too many pages of yours are open.")
            return
        try:
            is_signed_in = await self.begin(user)
        except BaseException:
            await self.leave_groups()
            await in_database_thread(leave_slot, self.slot)
            raise
        await self.accept()
        if not is_signed_in:
            await self.leave_groups()
            await in_database_thread(leave_slot, self.slot)
            self.user = None
            await self.sign_out()
            return
        await self.greet(user)
        self.jobs = Jobs()
        self.watches = [asyncio.create_task(watch) for watch in (self.watch_session(), self.watch_silence())]

    async def begin(self, user: User) -> bool:
        """Whether the person is still signed in, once the socket hears of it where they are not."""
        self.user = user
        asked = read_asked((get_headers(self.scope, b"accept-language") or [""])[0])
        # For all that is said on this socket, which has a context of its own.
        translation.activate(choose_language(user, asked))
        if asked and asked != user.last_language:
            # Whoever has been signed in for long would else be written to in another language than they read.
            await in_database_thread(keep_language, user, asked)
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.page_session = parse_uuid(query.get("page_session", [""])[0]) or self.socket
        bind_contextvars(page_session=str(self.page_session))
        self.client = self.build_client()
        self.frames = get_frames(user.pk)
        self.page = Page(user, self.page_session, self.client, copy_context(), say_again=self.say_again)
        self.writer, self.heartbeats = get_writer(), get_heartbeats()
        # What has been said and is not answered, the oldest first.
        self.on_the_way: deque[Word] = deque()
        self.answering: asyncio.Task[None] | None = None
        self.is_in_doubt = asyncio.Event()
        # Until it is known better: the page may have been silent before this socket.
        self.is_silent = True
        # What it was told of a silence, and when by the loop's clock, until it is known that it heard that.
        self.told: tuple[Return, float] | None = None
        # Before anything is read, so that what changes meanwhile is heard.
        for group in self.groups_of_session():
            await self.channel_layer.group_add(group, self.channel_name)
        if not await in_database_thread(self.note_session, user):
            return False
        self.standing = await in_database_thread(get_standing, user)
        await in_database_thread(note_silence, user=user, page_session=self.page_session)
        self.is_new_page = await in_database_thread(
            record_connected, user=user, page_session=self.page_session, socket=self.socket
        )
        return True

    def note_session(self, user: User) -> bool:
        """Notes that the session is in use; False where it has ended since it was read."""
        if self.session_key is None or not is_still_signed_in(self.session_key, user):
            return False
        note_seen(user=user, session_key=self.session_key, client=self.client)
        return True

    def build_client(self) -> ClientInfo:
        address = (self.scope.get("client") or ("",))[0]
        user_agent = (get_headers(self.scope, b"user-agent") or [""])[0]
        return build_client_info(address, user_agent)

    async def disconnect(self, code: int) -> None:
        if self.user is None:
            return
        for watch in self.watches:
            watch.cancel()
        if self.slot is not None:
            with suppress(Error):
                await in_database_thread(leave_slot, self.slot)
        await self.leave_groups()
        # What was taken is written first.
        if self.answering is not None:
            await asyncio.wait([self.answering])
        await self.heartbeats.finish(self.page)
        try:
            await in_database_thread(
                record_disconnected,
                user=self.user,
                page_session=self.page_session,
                socket=self.socket,
                is_signed_out=self.is_signed_out,
            )
            await in_database_thread(tell_gone, self.user)
        except Error as error:
            # The page counts as there until its silence has been long enough.
            logger.warning("A page's leaving could not be recorded: %s", type(error).__name__)
        await self.jobs.end()
        await asyncio.gather(*self.watches, return_exceptions=True)

    async def leave_groups(self) -> None:
        for group in self.groups_of_session():
            await self.channel_layer.group_discard(group, self.channel_name)

    def groups_of_session(self) -> tuple[str, str]:
        if self.user is None or self.session_key is None:
            raise RuntimeError("A socket without a person has no groups.")
        return user_group(self.user.pk), session_group(self.session_key)

    # Frames from the page

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.user is None or self.is_closing:
            return
        try:
            if not await self.may_send():
                await self.keep_refusal(self.user, "frames-of-person")
                await self.close_on_flood(f"More than {FRAMES_PER_SECOND} frames a second.")
                return
            await self.take(self.user, parse_frame(text_data))
        except InvalidEvent as invalid:
            await self.refuse(invalid)
        except Error as error:
            await self.tell_not_recorded(error)

    async def may_send(self) -> bool:
        """Whether this is no more than one person's pages may send, in this worker and in all of them."""
        if not self.frames.frames.take():
            return False
        return self.frames.take_from_packet() or await in_database_thread(self.frames.take_packet)

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
        async with TURNS.turn(user.pk):
            returned = await in_database_thread(
                notice_return, user=user, page_session=self.page_session, reported_at=reported_at
            )
        if returned is not None:
            await self.tell({"type": "verdict", "verdict": returned.verdict.as_json()})
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
                record_refusal, Refusal.What.SOCKET, user=user, client=self.build_client(), about=about
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

    async def greet(self, user: User) -> None:
        """Tells the page how things are, of which it hears only the changes later on."""
        with suppress(Error):
            for frame in await in_database_thread(build_greetings, user):
                await self.tell(frame)
            # A page that has just been opened may yet say that the phone is here.
            if not self.is_new_page:
                elsewhere = await in_database_thread(find_elsewhere, user, self.page_session)
                if elsewhere is not None:
                    await self.tell(elsewhere)
            self.is_new_page = False

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

    async def push_resumed(self, message: dict[str, Any]) -> None:
        """A push may have been lost on its way here (`dognbone/redis/channel_layer.py`)."""
        if self.user is not None:
            self.is_in_doubt.set()

    async def watch_session(self) -> None:
        """Ends the socket when its session has ended without a word, as an expired one does.

        Looks at once where a word may have been lost, and then at the credentials, too.
        """
        while not self.is_closing:
            try:
                await asyncio.wait_for(self.is_in_doubt.wait(), SESSION_CHECK_SECONDS)
                # Not all pages of a process at the same moment.
                await asyncio.sleep(random.uniform(0, DOUBT_SECONDS))
            except TimeoutError:
                pass
            try:
                await self.look_again()
            except Error as error:
                # Without a traceback: while the database is away, every socket comes by here.
                logger.warning("A socket's session could not be checked: %s", type(error).__name__)

    async def look_again(self) -> None:
        """Whether the person is still signed in, and, in doubt, whether their credentials changed."""
        if self.slot is not None:
            await in_database_thread(hold_slot, self.slot)
        user = await in_database_thread(get_signed_in_user, self.session_key)
        if user is None or user != self.user:
            await self.sign_out()
        elif self.is_in_doubt.is_set():
            # Before the look, not after it: what comes to be in doubt meanwhile is looked at once more.
            self.is_in_doubt.clear()
            try:
                standing = await in_database_thread(get_standing, user)
            except Error:
                self.is_in_doubt.set()
                raise
            await self.greet(user)
            if standing != self.standing:
                self.standing = standing
                await self.tell(CREDENTIALS_CHANGED)

    async def watch_silence(self) -> None:
        """Marks the page when it was ready and has stopped answering though its socket is still open."""
        while True:
            if (rest := self.page.heard_at + SILENCE_SECONDS - time.monotonic()) > 0:
                await asyncio.sleep(rest)
                continue
            await self.note_silence()
            await asyncio.sleep(SILENCE_SECONDS)

    async def note_silence(self) -> None:
        if self.user is None:
            return
        try:
            self.is_silent |= await in_database_thread(
                note_silence, user=self.user, page_session=self.page_session
            )
        except Error as error:
            logger.warning("A silent page could not be marked: %s", type(error).__name__)

    async def sign_out(self) -> None:
        self.is_signed_out = True
        await self.tell({"type": "signed_out"})
        await self.close(code=SIGNED_OUT)

    async def tell(self, frame: dict[str, Any]) -> None:
        if self.is_closing:
            return
        # The page may be gone by the time that Twilio has answered.
        with suppress(OSError):
            await self.send(text_data=json.dumps(frame))

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        if not self.is_closing:
            self.is_closing = True
            await super().close(code=code, reason=reason)
