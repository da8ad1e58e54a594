"""The sound of recordings, at Twilio's address for it.

`/2010-04-01/Accounts/{AC}/Recordings/{RE}` with or without `.wav`, and `.mp3`, to whoever has the
account's Auth Token or one of its API keys: https://www.twilio.com/docs/voice/api/recording.
"""

import asyncio
import base64
import io

import av
from aiohttp import web

from fake_twilio import connection_faults, faults
from fake_twilio.app_keys import FAULTS, ON_RESET, STORE
from fake_twilio.faults import Asked, Fault
from fake_twilio.store import Account
from fake_twilio.takes import RECORDINGS

# In how many parts a file comes that is slow to come.
PARTS = 20
SEGMENT = "{sid:RE[0-9a-f]{32}}{kind:(?:\\.wav|\\.mp3)?}"


async def fetch_recording(request: web.Request) -> web.StreamResponse:
    """The file, suffering what faults are laid for it."""
    account_sid = request.match_info["account_sid"]
    suffered = request.app[FAULTS].take(
        Asked(request.method, "api.twilio.com", request.path, frozenset({account_sid}))
    )
    for fault in suffered:
        if fault.fault in faults.DELAYS:
            seconds = faults.DELAYS[fault.fault] if fault.seconds is None else fault.seconds
            await connection_faults.wait_while_connected(request, seconds)
    if any(fault.fault == "reset" for fault in suffered):
        return connection_faults.reset_connection(request)
    refused = faults.find_gateway_answer(suffered)
    if refused is not None:
        return refused
    return await send(request, await answer(request), suffered)


async def send(request: web.Request, file: web.Response, suffered: list[Fault]) -> web.StreamResponse:
    """As it is, cut off in the middle, or evenly spread over a time."""
    breaks = [fault for fault in suffered if fault.fault in ("truncated", "dribble")]
    body = file.body
    if not breaks or not isinstance(body, bytes):
        return file
    stream = web.StreamResponse(status=file.status, headers=file.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    if breaks[0].fault == "truncated":
        await stream.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.close()
        return stream
    seconds = breaks[0].seconds or faults.DRIBBLE_SECONDS
    for part in range(PARTS):
        await stream.write(body[part * len(body) // PARTS : (part + 1) * len(body) // PARTS])
        await asyncio.sleep(seconds / PARTS)
    return stream


async def answer(request: web.Request) -> web.Response:
    """The file; 404 for one that is not completed, or deleted."""
    account = request.app[STORE].accounts.get(request.match_info["account_sid"])
    if account is None or not may_listen(account, request.headers.get("Authorization", "")):
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
    recording = request.app[RECORDINGS].get(request.match_info["sid"])
    if recording is None or recording.account is not account or recording.status != "completed":
        raise web.HTTPNotFound
    wav = recording.as_wav()
    if request.match_info["kind"] == ".mp3":
        return web.Response(body=encode_mp3(wav), content_type="audio/mpeg")
    return web.Response(body=wav, content_type="audio/x-wav")


def encode_mp3(wav: bytes) -> bytes:
    file = io.BytesIO()
    with av.open(io.BytesIO(wav)) as source, av.open(file, "w", format="mp3") as target:
        heard = source.streams.audio[0]
        layout = "stereo" if heard.channels > 1 else "mono"
        stream = target.add_stream("libmp3lame", rate=heard.rate)
        stream.layout, stream.format = layout, "s16p"
        resampler = av.AudioResampler(format="s16p", layout=layout, rate=heard.rate)
        for frame in [*source.decode(heard), None]:
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return file.getvalue()


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
    app.router.add_get(f"/2010-04-01/Accounts/{{account_sid}}/Recordings/{SEGMENT}", fetch_recording)
