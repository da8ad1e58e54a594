"""<Record>: what somebody says after the beep, kept as a WAV file.

https://www.twilio.com/docs/voice/twiml/record. Played back at Twilio's address for it,
`/2010-04-01/Accounts/{AC}/Recordings/{RE}` with or without `.wav`, to whoever has the account's
Auth Token or one of its API keys.
"""

import asyncio
import base64
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from fake_twilio.alerts import add_alert
from fake_twilio.app_keys import ON_RESET, STORE
from fake_twilio.calls import CallInterrupted, LivingCall, Script
from fake_twilio.sounds import FRAME_SECONDS, SAMPLE_RATE, build_tone, get_energy
from fake_twilio.store import Account, make_sid
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun
from fake_twilio.webhooks import Hook, WebhookFailed

SILENCE_SECONDS = 5
MAX_SECONDS = 3600
ANY_KEY = "1234567890*#"
AUDIBLE = 1e-5
HOST = "https://api.twilio.com"


@dataclass
class Take:
    """A recording in the making."""

    pcm: bytearray = field(default_factory=bytearray)
    ended_by: str = ""

    @property
    def length(self) -> float:
        return len(self.pcm) / 2 / SAMPLE_RATE

    @property
    def seconds(self) -> int:
        return round(self.length)

    def as_wav(self) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(SAMPLE_RATE)
            writer.writeframes(bytes(self.pcm))
        return file.getvalue()


RECORDINGS: web.AppKey[dict[str, tuple[str, bytes]]] = web.AppKey("recordings", dict)


async def record(run: TwimlRun, verb: Verb) -> Script | None:
    """Until `finishOnKey`, `timeout` seconds of silence, `maxLength`, or the caller hangs up."""
    call = run.call
    await call.answer()
    while not call.pressed.empty():
        call.pressed.get_nowait()
    if verb.flag("playBeep", True):
        await run.play(build_tone(1000, seconds=0.4))
    take = Take()
    interrupt: CallInterrupted | None = None
    try:
        await call.wait(fill(take, call, verb))
    except CallInterrupted as error:
        interrupt, take.ended_by = error, "hangup"
    if not take.seconds:
        if interrupt:
            raise interrupt
        return None
    params = keep(run, take)
    call.switchboard.spawn(tell(run, verb, params))
    action = run.build_action(verb) if verb.get("action") else Script(run.hook)
    params = {
        "RecordingUrl": params["RecordingUrl"],
        "RecordingSid": params["RecordingSid"],
        "RecordingDuration": str(take.seconds),
        "Digits": take.ended_by,
    }
    if interrupt is None:
        return Script(action.hook, params=params) if action and action.hook else None
    if action and action.hook:
        await tell_after_hangup(call, action.hook, params)
    raise interrupt


async def fill(take: Take, call: LivingCall, verb: Verb) -> None:
    sound = call.end.speech()
    keys = verb.get("finishOnKey", ANY_KEY)
    quiet = 0.0
    try:
        while take.length < verb.number("maxLength", MAX_SECONDS):
            if quiet >= verb.number("timeout", SILENCE_SECONDS):
                del take.pcm[len(take.pcm) - int(quiet * SAMPLE_RATE) * 2 :]
                return
            await asyncio.sleep(FRAME_SECONDS)
            frame = sound.read()
            take.pcm += frame
            quiet = 0.0 if get_energy(frame) > AUDIBLE else quiet + FRAME_SECONDS
            if not call.pressed.empty() and (key := call.pressed.get_nowait()) in keys:
                take.ended_by = key
                return
    finally:
        sound.close()


def keep(run: TwimlRun, take: Take) -> dict[str, str]:
    """Stores the file; the fields that tell of it."""
    sid = make_sid("RE")
    account = run.call.account
    run.call.switchboard.app[RECORDINGS][sid] = (account.sid, take.as_wav())
    return {
        "AccountSid": account.sid,
        "CallSid": run.call.record.sid,
        "RecordingSid": sid,
        "RecordingUrl": f"{HOST}/2010-04-01/Accounts/{account.sid}/Recordings/{sid}",
        "RecordingStatus": "completed",
        "RecordingDuration": str(take.seconds),
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
    }


async def tell(run: TwimlRun, verb: Verb, params: Mapping[str, str]) -> None:
    """The recordingStatusCallback."""
    hook = run.build_hook(verb, "recordingStatusCallback")
    if hook is not None:
        hook = Hook(hook.url, verb.get("recordingStatusCallbackMethod", "POST"))
        await send(run.call, hook, params)


async def tell_after_hangup(call: LivingCall, hook: Hook, params: Mapping[str, str]) -> None:
    """The action is asked for all the same; its answer has nobody to act on."""
    await send(call, hook, {**call.webhook_params(), **params, "CallStatus": "completed"})


async def send(call: LivingCall, hook: Hook, params: Mapping[str, str]) -> None:
    try:
        await call.switchboard.webhooks.fetch(call.account, hook, params)
    except WebhookFailed as failure:
        add_alert(
            call.account, code=failure.code, text=failure.message, call_sid=call.record.sid, url=hook.url
        )


async def fetch_recording(request: web.Request) -> web.Response:
    account = request.app[STORE].accounts.get(request.match_info["account_sid"])
    sid = request.match_info["sid"].removesuffix(".wav")
    owner, wav = request.app[RECORDINGS].get(sid, ("", b""))
    if account is None or not may_listen(account, request.headers.get("Authorization", "")):
        raise web.HTTPUnauthorized
    if owner != account.sid:
        raise web.HTTPNotFound
    return web.Response(body=wav, content_type="audio/x-wav")


def may_listen(account: Account, authorization: str) -> bool:
    try:
        kind, _, encoded = authorization.partition(" ")
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return False
    if kind != "Basic" or not secret:
        return False
    key = account.keys.get(name)
    return secret == (key.secret if key else account.auth_token if name == account.sid else None)


async def reset(app: web.Application) -> None:
    app[RECORDINGS].clear()


def add_routes(app: web.Application) -> None:
    app[RECORDINGS] = {}
    app[ON_RESET].append(reset)
    path = "/2010-04-01/Accounts/{account_sid}/Recordings/{sid:RE[0-9a-f]{32}(?:\\.wav)?}"
    app.router.add_get(path, fetch_recording)
