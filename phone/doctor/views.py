"""The credential doctor on a page: as a list that fills in while Twilio answers, or as one page."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.clients import get_client_info
from accounts.people import get_user
from accounts.rate_limits import RateLimit
from accounts.twilio.credentials import TwilioCredentials, get_connection
from accounts.verdicts.verdict import Verdict, build_own_limit_verdict
from phone.doctor.examination import examine
from phone.doctor.findings import Finding, count_good, count_words

LINES_TYPE = "application/x-ndjson"
LIMIT = RateLimit("doctor", limit=6, seconds=300)
TOO_MANY = build_own_limit_verdict(limit=gettext_lazy("6 examinations"), period=gettext_lazy("5 minutes"))


@never_cache
@login_required
def check_twilio(request: HttpRequest) -> HttpResponseBase:
    """A POST examines the person's own stored credentials.

    Answers a page; or, asked for `application/x-ndjson`, one JSON object a line: each finding as it is
    known, then `{"summary": …, "good": …, "next": …}`, where `good` is what the good ones are folded under
    ("" for none), and `next` says what to read on for, if the connection now
    stands otherwise than before. 429: too many. Without credentials, and for a GET: to the connection.
    """
    credentials = get_connection(get_user(request))
    if credentials is not None and credentials.user_id != get_user(request).pk:
        # What is examined, and what could be mended, is the owner's.
        credentials = None
    if request.method != "POST" or credentials is None:
        return redirect("connect_twilio")
    wants_lines = LINES_TYPE in request.headers.get("Accept", "")
    if seconds := LIMIT.take(request.user.pk or 0):
        return refuse(request, TOO_MANY, seconds, wants_lines=wants_lines)
    findings = examine(credentials, client=get_client_info(request))
    if not wants_lines:
        found = list(findings)
        return render(request, "doctor/check.html", sort_out(found))
    lines = stream(findings, credentials, get_language())
    response = StreamingHttpResponse(lines, content_type=LINES_TYPE)
    # nginx would keep the lines until the last one has come.
    response["X-Accel-Buffering"] = "no"
    return response


def sort_out(found: list[Finding]) -> dict[str, Any]:
    """For the page: the good ones apart, to be folded, and what is said of them."""
    return {
        "findings": [finding for finding in found if finding.outcome != "good"],
        "good": [finding for finding in found if finding.outcome == "good"],
        "summary": count_words(found),
        "good_summary": count_good(found),
    }


def refuse(request: HttpRequest, verdict: Verdict, seconds: int, *, wants_lines: bool) -> HttpResponse:
    response: HttpResponse
    if wants_lines:
        response = JsonResponse({"verdict": verdict.as_json()}, status=429)
    else:
        response = render(request, "doctor/check.html", {"verdict": verdict}, status=429)
    response["Retry-After"] = str(seconds)
    return response


async def stream(
    findings: Iterator[Finding], credentials: TwilioCredentials, language: str
) -> AsyncIterator[bytes]:
    """Each finding as a line of its own, in `language`: the request's own is over when an answer streams.

    What asks Twilio runs in the request's own thread.
    """
    before = credentials.stopped_verdict
    found: list[Finding] = []

    def look() -> bytes:
        """The next line; nothing after the last."""
        with override(language):
            finding = next(findings, None)
            if finding is None:
                return b""
            found.append(finding)
            return write_line(finding.as_json())

    while line := await sync_to_async(look)():
        yield line
    with override(language):
        next_words = find_next(before, credentials.stopped_verdict)
        last = {"summary": count_words(found), "good": count_good(found), "next": next_words}
    yield write_line(last)


def find_next(before: str, after: str) -> str:
    """What the connection's page shows only once it is read anew; "" where nothing has changed."""
    if before == after:
        return ""
    return _("Put it right") if after else _("Show the connection as it is now")


def write_line(facts: dict[str, str]) -> bytes:
    return json.dumps(facts).encode() + b"\n"
