"""How Twilio writes its answers: JSON or XML, dates, headers."""

import json
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from fake_twilio.refusals import Refusal
from fake_twilio.rest.exchange import Answer
from fake_twilio.rest.xml_format import write_xml


def rfc2822(at: datetime | None) -> str | None:
    """`Fri, 21 Aug 2015 00:07:25 +0000`, the dates of 2010-04-01 and of iam v1."""
    return None if at is None else format_datetime(at.astimezone(UTC))


def iso8601(at: datetime | None) -> str | None:
    """`2015-08-21T00:07:25Z`, the dates of accounts v1 and monitor v1."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_json(path: str) -> bool:
    """2010-04-01 answers XML unless the path ends in `.json`; the product APIs know JSON only."""
    return not path.startswith("/2010-04-01") or path.endswith(".json")


def write_answer(path: str, answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status)
    return write_body(path, answer.status, answer.element, answer.body)


def write_refusal(path: str, refusal: Refusal) -> web.Response:
    if refusal.form == "empty":
        response = web.Response(status=refusal.status)
    else:
        response = write_body(path, refusal.status, "RestException", build_refusal_body(path, refusal))
    if refusal.form not in ("no code", "empty"):
        response.headers["X-Twilio-Error-Code"] = str(refusal.code)
    response.headers.update(refusal.headers)
    return response


def build_refusal_body(path: str, refusal: Refusal) -> dict[str, Any]:
    more_info = f"https://www.twilio.com/docs/errors/{refusal.code}"
    if refusal.form == "problem":
        title = {"type": more_info, "title": refusal.message}
        return {**title, "status": refusal.status, "code": refusal.code}
    if refusal.form == "detail":
        return {"code": refusal.code, "detail": refusal.message, "status": refusal.status}
    if refusal.form == "no code":
        return {"message": refusal.message, "more_info": more_info, "status": refusal.status}
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.detail and refusal.kind != "inactive" and not path.startswith("/2010-04-01"):
        body["detail"] = refusal.detail
    return {**body, "more_info": more_info, "status": refusal.status}


def write_body(path: str, status: int, element: str, body: dict[str, Any]) -> web.Response:
    if is_json(path):
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")
    return web.Response(status=status, text=write_xml(element, body), content_type="application/xml")


def sign_off(response: web.StreamResponse, *, seconds: float, concurrent: int) -> None:
    """Adds the headers that every answer of Twilio's own carries."""
    response.headers["Twilio-Request-Id"] = "RQ" + secrets.token_hex(16)
    response.headers["Twilio-Request-Duration"] = f"{seconds:.3f}"
    response.headers["Twilio-Concurrent-Requests"] = str(concurrent)
