"""What a Device sends about calls: `invite`, `answer`, `hangup` and the rest, each frame to its call."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from fake_twilio.calls import LivingCall
from fake_twilio.device_end import CallingDevice
from fake_twilio.numbers import build_callbacks, build_script
from fake_twilio.parts import Socket
from fake_twilio.store import Account, Application
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.tokens import Bearer

MAX_PARAMS_BYTES = 800
# Twilio's own fields, which a page's parameters cannot replace. `To` is the exception.
RESERVED = frozenset(
    {
        *("AccountSid", "ApiVersion", "ApplicationSid", "CallSid", "CallStatus", "Called", "Caller"),
        *("Direction", "From", "ParentCallSid"),
    }
)

Payload = dict[str, Any]
Handler = Callable[[Socket, Payload], Awaitable[None]]


class CallRefused(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


async def invite(socket: Socket, payload: Payload) -> None:
    """A new call, or with a reconnect token one that this browser already had."""
    name, offer = payload.get("callsid"), payload.get("sdp")
    if not isinstance(name, str) or not isinstance(offer, str) or not name or not offer:
        await socket.send_error(31100, "Malformed request", callsid=name)
        return
    try:
        if "reconnect" in payload:
            await take_back(socket, payload["reconnect"])
        else:
            start_call(socket, name, offer, payload)
    except CallRefused as refused:
        error = {"code": refused.code, "message": refused.message}
        await socket.send("hangup", callsid=name, error=error)


async def take_back(socket: Socket, token: object) -> None:
    switchboard, bearer = socket.app[SWITCHBOARD], socket.bearer
    end = switchboard.reconnecting.get(str(token))
    if end is None or end.call is None or bearer is None or end.call.account.sid != bearer.account_sid:
        raise CallRefused(31209, "Reconnect attempt is not authorized")
    if f"client:{bearer.identity}" not in (end.call.record.from_, end.call.record.to):
        raise CallRefused(31209, "Reconnect attempt is not authorized")
    await end.take_back(socket)


def start_call(socket: Socket, name: str, offer: str, payload: Payload) -> LivingCall:
    """The token's TwiML App says what becomes of it; raises `CallRefused`."""
    bearer = socket.bearer
    if bearer is None:
        raise CallRefused(31204, "JWT is invalid")
    switchboard = socket.app[SWITCHBOARD]
    account = switchboard.store.accounts.get(bearer.account_sid)
    if account is None or account.status != "active":
        raise CallRefused(31203, "No valid account")
    if account.call_fault == "server error":
        raise CallRefused(31500, "Internal Server Error")
    app = find_application(account, bearer)
    params = read_params(bearer, payload)
    script = build_script(app.fields, params)
    if script is None:
        raise CallRefused(31404, "Not Found")
    call = LivingCall(
        switchboard,
        account,
        CallingDevice(socket, name, offer),
        from_=f"client:{bearer.identity}",
        to=params.pop("To", ""),
        direction="inbound",
        extra_params={"ApplicationSid": app.sid},
        callbacks=build_callbacks(app.fields),
    )
    call.start("ringing")
    switchboard.follow(call, script)
    return call


def find_application(account: Account, bearer: Bearer) -> Application:
    """Looked up only now: a token whose app does not exist registers all the same."""
    if bearer.application_sid is None:
        raise CallRefused(31201, "Authorization error")
    app = account.applications.get(bearer.application_sid)
    if app is None or app.region != bearer.region:
        raise CallRefused(21218, "Invalid ApplicationSid")
    return app


def read_params(bearer: Bearer, payload: Payload) -> dict[str, str]:
    """The page's parameters, and the token's, which the page cannot change."""
    twilio = payload.get("twilio")
    query = twilio.get("params", "") if isinstance(twilio, dict) else ""
    if len(str(query).encode()) > MAX_PARAMS_BYTES:
        raise CallRefused(31103, "Max parameter length exceeded")
    params = dict(parse_qsl(str(query), keep_blank_values=True)) | bearer.params
    return {name: value for name, value in params.items() if name not in RESERVED}


async def answer(socket: Socket, payload: Payload) -> None:
    ringing = socket.ringing.get(str(payload.get("callsid")))
    if ringing is not None and isinstance(payload.get("sdp"), str):
        ringing.settle(payload["sdp"])


async def reject(socket: Socket, payload: Payload) -> None:
    ringing = socket.ringing.get(str(payload.get("callsid")))
    if ringing is not None:
        ringing.reject()


async def hangup(socket: Socket, payload: Payload) -> None:
    name = str(payload.get("callsid"))
    if name in socket.ends:
        end = socket.ends[name]
        end.detach()
        end.hang_up()
    else:
        await reject(socket, payload)


async def dtmf(socket: Socket, payload: Payload) -> None:
    end = socket.ends.get(str(payload.get("callsid")))
    if end is not None and end.call is not None:
        end.call.press(str(payload.get("dtmf", "")))


async def reinvite(socket: Socket, payload: Payload) -> None:
    end = socket.ends.get(str(payload.get("callsid")))
    if end is not None:
        await end.renegotiate(str(payload.get("sdp")))


async def message(socket: Socket, payload: Payload) -> None:
    """A message to the customer's server: taken, and acknowledged."""
    names = {"callsid": payload.get("callsid"), "voiceeventsid": payload.get("voiceeventsid")}
    if str(payload.get("callsid")) in socket.ends:
        await socket.send("ack", acktype="message", **names)
    else:
        await socket.send_error(31100, "Malformed request", **names)


HANDLERS: dict[str, Handler] = {
    "answer": answer,
    "dtmf": dtmf,
    "hangup": hangup,
    "invite": invite,
    "message": message,
    "reinvite": reinvite,
    "reject": reject,
}


def lose_socket(socket: Socket) -> None:
    """The connection is gone: what rang on it stops, calls wait for the browser to come back."""
    for ringing in list(socket.ringing.values()):
        ringing.settle("")
    for end in set(socket.ends.values()):
        end.lose_signalling(socket)
    socket.ends.clear()
