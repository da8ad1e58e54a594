"""The sound of a recording on its way from Twilio through this server to one browser, piece by piece.

Fetched with the owner's credentials; nothing of Twilio's address or headers goes on. A range is asked of
Twilio and, where the whole comes all the same, cut out here (https://www.twilio.com/docs/voice/api/recording
documents no Range). While it flows no database connection is held, and a thread only for each piece.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from accounts.sealing.encryption import UnsealError
from accounts.translated import Words
from accounts.twilio.rest import SoundStream, TwilioLogin, TwilioUnreachable, fetch, open_sound
from accounts.twilio.shares import SOUND_SHARES, ShareTaken
from accounts.twilio.side_by_side import get_threads
from phone.calls.confirmation import get_login
from phone.recordings.ranges import (
    NotSatisfiable,
    Span,
    find_span,
    is_one_range,
    read_content_range,
    read_unsatisfied,
)
from phone.recordings.recordings import Recording

logger = logging.getLogger(__name__)

MP3 = "audio/mpeg"
# For seeking by ear; what was said is the same in each.
KIND = ".mp3"


class CannotListen(Exception):
    """Why there is no sound, in words for the person. `status` is the HTTP status."""

    def __init__(self, cause: str, words: Words, remedy: Words = "", *, status: int = 503) -> None:
        super().__init__(cause)
        self.cause = cause
        self.words = words
        self.remedy = remedy
        self.status = status

    def as_response(self) -> HttpResponse:
        body = {"cause": self.cause, "words": str(self.words), "remedy": str(self.remedy)}
        response = JsonResponse(body, status=self.status)
        response["Cache-Control"] = "no-store"
        if self.status == 503:
            response["Retry-After"] = "5"
        return response


def gone() -> CannotListen:
    return CannotListen(
        "gone",
        _("The sound is not at Twilio any more: somebody deleted it there."),
        _("Delete it here as well, or call back."),
        status=410,
    )


def not_ready() -> CannotListen:
    return CannotListen(
        "not_ready", _("Twilio is still preparing the sound."), _("Try again in a few seconds.")
    )


def away(which: str) -> CannotListen:
    words = (
        _("Too many people are listening at this moment.")
        if which == "share"
        else _("Twilio did not answer, so the sound cannot be played just now.")
    )
    return CannotListen("twilio_unavailable", words, _("Try again in a moment."))


def no_credentials() -> CannotListen:
    return CannotListen(
        "no_credentials",
        _("Twilio does not let Dog n Bone at the sound with the credentials it has."),
        _("Connect Twilio again."),
    )


class Flow:
    """A sound under way: Twilio's answer, the account's share that it takes, and what of it is wanted."""

    def __init__(self, account_sid: str, turn: float, stream: SoundStream) -> None:
        self.account_sid = account_sid
        self.turn = turn
        self.stream = stream
        self.is_closed = False
        # Bytes to leave out at the start, and to send; None: all there are.
        self.skip = 0
        self.left: int | None = None

    def cut(self, span: Span) -> None:
        self.skip, self.left = span.first, span.length

    def read(self) -> bytes:
        """The next piece of what is wanted; empty at the end, also where Twilio breaks off: a browser that
        is told a length asks on from where it got to."""
        try:
            return self.read_on()
        except TwilioUnreachable as error:
            logger.warning("A sound broke off on its way from Twilio: %s", error.which)
            return b""

    def read_on(self) -> bytes:
        while self.left != 0:
            piece = self.stream.read()
            if not piece:
                return b""
            if self.skip >= len(piece):
                self.skip -= len(piece)
                continue
            piece, self.skip = piece[self.skip :], 0
            if self.left is not None:
                piece = piece[: self.left]
                self.left -= len(piece)
            return piece
        return b""

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.stream.close()
            SOUND_SHARES.give_back(self.account_sid, self.turn)


def build_sound_response(
    request: HttpRequest, recording: Recording, *, filename: str, person: Any
) -> HttpResponseBase:
    """The answer to GET or HEAD, with or without `Range`. Raises CannotListen, before anything is sent."""
    if not recording.is_audible:
        raise gone() if recording.gone_at else not_ready()
    etag = f'"{recording.recording_sid}"'
    if request.headers.get("If-None-Match", "") == etag and "Range" not in request.headers:
        return finish(HttpResponse(status=304), etag)
    wanted = read_wanted(request, etag)
    flow = open_flow(recording, person, wanted)
    try:
        response = answer(request, recording, flow, wanted)
    except BaseException:
        flow.close()
        raise
    if response.status_code in (200, 206):
        kind = "attachment" if "download" in request.GET else "inline"
        response["Content-Disposition"] = f'{kind}; filename="{filename}{KIND}"'
    return finish(response, etag)


def read_wanted(request: HttpRequest, etag: str) -> str:
    """The range to send; "" for the whole: as asked for, several, nonsense, or of another version."""
    header = request.headers.get("Range", "").strip()
    condition = request.headers.get("If-Range", "").strip()
    if request.method != "GET" or not is_one_range(header) or condition not in ("", etag):
        return ""
    return header


def open_flow(recording: Recording, person: Any, wanted: str) -> Flow:
    """Twilio's answer, good to be read from. Raises CannotListen."""
    try:
        login = get_login(recording.account, person)
    except UnsealError:
        login = None
    if login is None:
        raise no_credentials()
    leave_database()
    try:
        turn = SOUND_SHARES.take(login.account_sid)
    except ShareTaken as taken:
        raise away(taken.which) from taken
    try:
        stream = open_sound(login, f"/Recordings/{recording.recording_sid}{KIND}", byte_range=wanted)
    except TwilioUnreachable as error:
        SOUND_SHARES.give_back(login.account_sid, turn)
        raise away(error.which) from error
    except BaseException:
        SOUND_SHARES.give_back(login.account_sid, turn)
        raise
    flow = Flow(login.account_sid, turn, stream)
    if stream.status in (200, 206, 416):
        return flow
    flow.close()
    raise explain(login, recording, stream.status)


def explain(login: TwilioLogin, recording: Recording, status: int) -> CannotListen:
    """Why Twilio gives no sound. What it says is not there is asked for once more by its name."""
    if status in (401, 403):
        return no_credentials()
    if status not in (404, 410):
        logger.warning("Twilio answered %s where a sound was asked for", status)
        return away("")
    try:
        about = fetch(login, f"/Recordings/{recording.recording_sid}.json")
    except TwilioUnreachable as error:
        return away(error.which)
    if about.status == 404:
        Recording.objects.filter(pk=recording.pk, gone_at=None).update(gone_at=timezone.now())
        return gone()
    return not_ready() if about.is_success else away("")


def answer(request: HttpRequest, recording: Recording, flow: Flow, wanted: str) -> HttpResponseBase:
    stream = flow.stream
    if stream.status == 416:
        flow.close()
        return refuse_range(read_unsatisfied(stream.content_range))
    sent = read_content_range(stream.content_range) if stream.status == 206 else None
    if stream.status == 206 and sent is None:
        logger.warning("Twilio sent a part of a sound without saying which")
        raise away("")
    span = sent
    if span is None and wanted and stream.length is not None:
        try:
            span = find_span(wanted, stream.length)
        except NotSatisfiable:
            flow.close()
            return refuse_range(stream.length)
        if span is not None:
            flow.cut(span)
    length = span.length if span else stream.length
    if request.method == "HEAD":
        flow.close()
        response: HttpResponseBase = HttpResponse(content_type=MP3)
    else:
        response = stream_flow(request, flow)
    if span is not None:
        response.status_code = 206
        response["Content-Range"] = str(span)
    if length is not None:
        response["Content-Length"] = str(length)
        response["Accept-Ranges"] = "bytes"
    return response


def stream_flow(request: HttpRequest, flow: Flow) -> StreamingHttpResponse:
    pieces: Any = read_async(flow) if isinstance(request, ASGIRequest) else read_all(flow)
    response = StreamingHttpResponse(pieces, content_type=MP3)
    # Also where nobody reads as far as the first piece.
    response._resource_closers.append(flow.close)  # type: ignore[attr-defined]
    return response


def read_all(flow: Flow) -> Iterator[bytes]:
    try:
        while piece := flow.read():
            yield piece
    finally:
        flow.close()


async def read_async(flow: Flow) -> AsyncIterator[bytes]:
    """Each piece in a thread of those that ask Twilio; none while the browser takes its time."""
    loop = asyncio.get_running_loop()
    try:
        while piece := await loop.run_in_executor(get_threads(), flow.read):
            yield piece
    finally:
        flow.close()


def refuse_range(total: int | None) -> HttpResponse:
    response = HttpResponse(status=416)
    response["Content-Range"] = f"bytes */{'*' if total is None else total}"
    return response


def finish(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """In the person's own browser alone, and asked for again each time: they may have signed out."""
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    return response
