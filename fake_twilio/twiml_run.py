"""Carries out TwiML on a call, verb by verb, until it ends."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import av

from fake_twilio.alerts import add_alert
from fake_twilio.calls import CallEnded, CallRedirected, LivingCall, Script
from fake_twilio.sounds import SAMPLE_RATE, Clip, build_murmur
from fake_twilio.twiml import CONTENT_TYPES, Document, TwimlError, Verb, parse_twiml
from fake_twilio.webhooks import MAX_SOUND_BYTES, Answer, Hook, WebhookFailed

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
VOICE_URL_UNREACHABLE = (11100, 11205, 11206, 11210, 11237)

Step = Callable[["TwimlRun", Verb], Awaitable["Script | None"]]


class TwimlRun:
    """One call on its way through documents. `hook` is where the present document came from."""

    def __init__(self, call: LivingCall, verbs: Mapping[str, Step]) -> None:
        self.call = call
        self.verbs = verbs
        self.hook: Hook | None = None

    async def run(self, script: Script | None) -> None:
        """Until the documents or the call are at an end; then the call is over."""
        try:
            while script is not None:
                try:
                    script = await self._run_document(script)
                except CallRedirected as redirected:
                    self.call.resume()
                    self.call.end.hear(None)
                    script = redirected.script
            self.call.hang_up("completed")
        except CallEnded:
            pass
        finally:
            await self.call.finish()

    async def _run_document(self, script: Script) -> Script | None:
        """Carries out one document; where the next one is."""
        document = await self._fetch(script)
        return None if document is None else await self.follow(document)

    async def follow(self, document: Document) -> Script | None:
        """Carries out the verbs in order; where the next document is, None at the end."""
        for verb in document.verbs:
            step = self.verbs.get(verb.name)
            if step is None:
                self.note(13238, f"<{verb.name}> is not allowed in this document", self.hook)
                return None
            following = await step(self, verb)
            if following is not None:
                return following
        return None

    async def _fetch(self, script: Script) -> Document | None:
        """The document, or its fallback's; else the caller hears an apology."""
        try:
            return await self.read(script)
        except (WebhookFailed, TwimlError) as failure:
            self.note(failure.code, failure.message, script.hook)
            if script.fallback is not None and script.hook is not None:
                params = {"ErrorCode": str(failure.code), "ErrorUrl": script.hook.url}
                return await self._fetch(Script(script.fallback, params=params))
            is_unreachable = failure.code in VOICE_URL_UNREACHABLE
        await self._apologise(is_unreachable)
        return None

    async def read(self, script: Script) -> Document:
        """Fetches and parses; raises WebhookFailed or TwimlError."""
        self.hook = script.hook
        if script.hook is None:
            return self.parse(script.twiml)
        answer = await self.ask(script.hook, script.params)
        if answer.content_type not in CONTENT_TYPES:
            raise TwimlError(12300, f"Invalid Content-Type: {answer.content_type or 'none'}")
        return self.parse(answer.body)

    async def ask(self, hook: Hook, params: Mapping[str, str]) -> Answer:
        """What the customer's server says; from now on relative addresses start at its address."""
        params = {**self.call.webhook_params(), **params}
        fetched = self.call.switchboard.webhooks.fetch(self.call.account, hook, params)
        answer = await self.call.wait(fetched)
        self.hook = replace(hook, url=answer.url)
        return answer

    def parse(self, text: bytes | str) -> Document:
        """The document in `text`; what is not supported in it is noted. Raises TwimlError."""
        document = parse_twiml(text)
        for code, warning in document.warnings:
            self.note(code, f"Schema validation warning: {warning}", self.hook, is_warning=True)
        return document

    async def _apologise(self, is_unreachable: bool) -> None:
        """What Twilio says when a customer's server fails; a Device not yet answered is told 31503."""
        if is_unreachable and not self.call.is_answered and self.call.record.from_.startswith("client:"):
            self.call.hang_up("failed", (31503, "Service Unavailable"))
            return
        await self.call.answer()
        await self.play(build_murmur(APOLOGY))

    def note(self, code: int, text: str, hook: Hook | None = None, *, is_warning: bool = False) -> None:
        add_alert(
            self.call.account,
            code=code,
            text=text,
            call_sid=self.call.record.sid,
            url=hook.url if hook else "",
            method=hook.method if hook else "POST",
            log_level="warning" if is_warning else "error",
        )

    def build_hook(self, verb: Verb, attribute: str = "action", method: str = "method") -> Hook | None:
        """Where an attribute points, and by which method; None where there is none."""
        url = verb.get(attribute)
        if not url:
            return None
        hook = Hook(url, verb.get(method, "POST"))
        if self.hook is not None:
            return hook.under(self.hook.url)
        if not url.startswith(("http:", "https:")):
            self.note(15004, "A relative URL in TwiML that came without an address")
            return None
        return hook

    def build_action(self, verb: Verb, **params: str) -> Script | None:
        hook = self.build_hook(verb)
        return Script(hook, params=params) if hook else None

    async def play(self, clip: Clip) -> None:
        self.call.end.hear(clip)
        try:
            await self.call.wait(asyncio.sleep(clip.seconds))
        finally:
            self.call.end.hear(None)

    async def read_prompt(self, verb: Verb) -> Clip | None:
        """The sound of a <Say>, <Play> or <Pause>; None where there is nothing to hear."""
        match verb.name:
            case "Say":
                return build_murmur(verb.text)
            case "Pause":
                return Clip(bytes(2 * SAMPLE_RATE * verb.number("length", 1)))
            case _ if verb.get("digits"):
                return Clip(bytes(SAMPLE_RATE // 2 * len(verb.get("digits"))))
            case _:
                return await self._fetch_sound(verb.text)

    async def _fetch_sound(self, url: str) -> Clip | None:
        hook = Hook(url, "GET")
        if self.hook is not None:
            hook = hook.under(self.hook.url)
        try:
            webhooks = self.call.switchboard.webhooks
            fetched = webhooks.fetch(self.call.account, hook, {}, MAX_SOUND_BYTES)
            answer = await self.call.wait(fetched)
        except WebhookFailed as failure:
            self.note(failure.code, failure.message, hook)
            return None
        try:
            return decode_sound(answer.body)
        except (av.FFmpegError, IndexError):
            self.note(12300, f"Invalid Content-Type: {answer.content_type} cannot be played", hook)
            return None


def decode_sound(body: bytes) -> Clip:
    """Any audio file that FFmpeg knows; raises av.FFmpegError or IndexError for what is none."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    pcm = bytearray()
    with av.open(io.BytesIO(body)) as container:
        for frame in [*container.decode(container.streams.audio[0]), None]:
            for part in resampler.resample(frame):
                pcm += bytes(part.planes[0])[: part.samples * 2]
    return Clip(bytes(pcm))
