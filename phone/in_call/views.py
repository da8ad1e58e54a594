"""What a page asks to be done to a call of its person's."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.translated import Words
from phone.calls.webhooks import CALL_SID
from phone.in_call import deeds
from phone.in_call.deeds import DEEDS, Wanted
from phone.in_call.parts import Part, get_part
from phone.in_call.refusals import DeedRefused
from phone.in_call.state import describe_part

FIELDS = {"to": 200, "call_from": 40, "party": 64, "note": 4000}
# Nobody's fingers are as quick; a page that has gone mad is.
DEEDS_OF_PERSON = RateLimit("in-call-deed", limit=60, seconds=60)
TOO_MANY = DeedRefused(
    429, "refused_here", _("Too much was asked at once."), _("Wait a moment, then try again.")
)


@require_POST
@never_cache
@login_required
def do_deed(request: HttpRequest, call_sid: str, deed: str) -> JsonResponse:
    """`{"call": CallState}` once Twilio has done it; else `{"cause", "words", "remedy"}` and why.

    404 for a call that is not theirs, and for a deed that there is none of.
    """
    if not isinstance(request.user, User) or deed not in DEEDS or not CALL_SID.fullmatch(call_sid):
        raise Http404
    try:
        part = find_part(request.user, call_sid)
        deeds.do(deed, part, read_wanted(request))
        return JsonResponse({"call": describe_part(find_part(request.user, call_sid))})
    except DeedRefused as refused:
        return JsonResponse(refused.as_json(), status=refused.status)


def find_part(person: User, call_sid: str) -> Part:
    part = get_part(person, call_sid)
    if part is None:
        raise Http404
    return part


def read_wanted(request: HttpRequest) -> Wanted:
    """The fields of a form or of a JSON object. Raises DeedRefused for what cannot be one."""
    if DEEDS_OF_PERSON.take(str(request.user.pk)):
        raise TOO_MANY
    fields: dict[str, Any] = request.POST.dict()
    if request.content_type == "application/json":
        fields = read_object(request.body)
    return Wanted(**{name: read_text(fields, name, length) for name, length in FIELDS.items()})


def read_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise build_bad_input(_("The request is not JSON with an object in it."))
    return fields


def read_text(fields: dict[str, Any], name: str, length: int) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise build_bad_input(format_lazy(_("{name} is no text."), name=name))
    if len(value) > length:
        words = _("{name} has {count} characters; {most} at most are taken.")
        raise build_bad_input(format_lazy(words, name=name, count=len(value), most=length))
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise build_bad_input(format_lazy(_("{name} holds what is no letter."), name=name))
    return value.strip()


def build_bad_input(words: Words) -> DeedRefused:
    return DeedRefused(422, "refused_here", words, _("Reload the page, then try again."))
