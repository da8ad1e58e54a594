"""The answers that go wrong, by the fault's name: who writes them and what is in them."""

import json
from collections.abc import Callable, Collection
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from aiohttp import web

from fake_twilio.refusals import Refusal, no_credentials, trial, unauthorized
from fake_twilio.store import make_sid, now

HUGE_BYTES = 16 * 1024 * 1024
CLOCK_SECONDS = 600.0
STRANGER_SID = make_sid("AC", "a stranger's account")
PORTAL = "http://portal.example/login"


def html(status: int, title: str, **headers: str) -> web.Response:
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def as_json(status: int, text: str, content_type: str = "application/json") -> web.Response:
    return web.Response(status=status, text=text, content_type=content_type)


def problem_details() -> web.Response:
    """RFC 9457, as Twilio's newer products answer."""
    body = {
        "type": "https://www.twilio.com/docs/errors/20500",
        "title": "Internal Server Error",
        "status": 500,
        "code": 20500,
        "detail": "An unexpected error occurred",
        "instance": "/problems/1",
    }
    return as_json(500, json.dumps(body), "application/problem+json")


# Answers of load balancers, proxies and portals: without Twilio's headers.
GATEWAY_ANSWERS: dict[str, Callable[[], web.Response]] = {
    "bad gateway": partial(html, 502, "502 Bad Gateway"),
    "unavailable": partial(web.Response, status=503, content_type="text/html"),
    "gateway timeout": partial(html, 504, "504 Gateway Time-out"),
    "html error": partial(html, 500, "Internal Server Error"),
    "proxy blocks": partial(html, 403, "Access denied by your organisation"),
    "proxy login": partial(html, 407, "Proxy Authentication Required", **{"Proxy-Authenticate": "Basic"}),
    "portal": partial(html, 307, "Temporary Redirect", Location=PORTAL),
    "moved": partial(html, 301, "Moved Permanently", Location="https://www.twilio.com/"),
    "portal page": partial(html, 200, "Welcome to the guest network"),
    "foreign login": partial(html, 401, "Unauthorized", **{"WWW-Authenticate": 'Basic realm="Guest"'}),
    "garbage": partial(as_json, 200, '{"sid": <<<'),
    "empty": partial(as_json, 200, ""),
    "json null": partial(as_json, 200, "null"),
    "json list": partial(as_json, 200, "[]"),
    "json text": partial(as_json, 200, '"OK"'),
    "no content": partial(web.Response, status=204),
    "problem details": problem_details,
}

# Twilio's own errors that have nothing to do with what was typed.
REFUSALS: dict[str, Callable[[], Refusal]] = {
    "server error": lambda: Refusal(500, 20500, "Internal Server Error"),
    "overloaded": lambda: Refusal(503, 20503, "Service Unavailable"),
    "old tls": lambda: Refusal(426, 20426, "Upgrade Required"),
    "stripped credentials": no_credentials,
    "compliance": lambda: unauthorized(
        "Primary compliance profile is not approved. Please complete the KYC process in Trust Hub."
    ),
    "trial refusal": trial,
    "unknown wording": lambda: unauthorized("The request could not be authorised at this time", 20999),
}


def read_body(response: web.Response) -> Any:
    """The JSON of an answer; an answer without any is rewritten as an empty object."""
    return json.loads(response.text or "{}") if response.content_type.endswith("json") else {}


def with_text(response: web.Response, text: str, content_type: str = "application/json") -> web.Response:
    """The same answer with another body."""
    skip = ("Content-Type", "Content-Length")
    headers = {name: value for name, value in response.headers.items() if name not in skip}
    return web.Response(status=response.status, text=text, content_type=content_type, headers=headers)


def wrong_types(response: web.Response, **facts: Any) -> web.Response:
    """Texts become lists and numbers texts, with every name where it belongs."""

    def spoil(value: Any) -> Any:
        match value:
            case dict():
                return {name: spoil(inner) for name, inner in value.items()}
            case str():
                return [value]
            case bool() | None | list():
                return 7
            case _:
                return str(value)

    return with_text(response, json.dumps(spoil(read_body(response))))


def missing_code(response: web.Response, **facts: Any) -> web.Response:
    """An error without `code`; what would have gone well is such an error too."""
    if response.status < 400:
        body: dict[str, Any] = {"message": "Internal Server Error", "status": 500}
        return web.Response(status=500, text=json.dumps(body), content_type="application/json")
    body = {name: value for name, value in read_body(response).items() if name not in ("code", "more_info")}
    response.headers.popall("X-Twilio-Error-Code", None)
    return with_text(response, json.dumps(body))


def problem_refusal(response: web.Response, **facts: Any) -> web.Response:
    """Twilio's error in the form of RFC 9457."""
    body = read_body(response)
    if response.status < 400 or not {"code", "message", "more_info"} <= body.keys():
        return response
    problem = {
        "type": body["more_info"],
        "title": body["message"],
        "status": body["status"],
        "code": body["code"],
    }
    return with_text(response, json.dumps(problem), "application/problem+json")


def another_account(response: web.Response, *, account_sids: Collection[str], **facts: Any) -> web.Response:
    """A good answer, about somebody else's account."""
    text = response.text or ""
    for sid in account_sids:
        text = text.replace(sid, STRANGER_SID)
    return with_text(response, text, response.content_type)


def huge(response: web.Response, **facts: Any) -> web.Response:
    """16 MiB of JSON: the answer with a padding nobody asked for."""
    body = read_body(response)
    return with_text(response, json.dumps({**body, "padding": "x" * HUGE_BYTES}))


def cut_json(response: web.Response, **facts: Any) -> web.Response:
    """Half the JSON, with a Content-Length that agrees with it."""
    text = response.text or ""
    return with_text(response, text[: len(text) // 2], response.content_type)


def wrong_clock(response: web.Response, *, seconds: float | None, **facts: Any) -> web.Response:
    """A `Date` that is ten minutes, or `seconds`, ahead."""
    at = now() + timedelta(seconds=CLOCK_SECONDS if seconds is None else seconds)
    response.headers["Date"] = format_datetime(at, usegmt=True)
    return response


REWRITES: dict[str, Callable[..., web.Response]] = {
    "wrong types": wrong_types,
    "missing code": missing_code,
    "problem refusal": problem_refusal,
    "another account": another_account,
    "huge": huge,
    "cut json": cut_json,
    "wrong clock": wrong_clock,
}
