"""The phone page and its token."""

import json
import uuid
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.clients import get_client_info
from accounts.masking import get_sid_tail
from accounts.people import User, get_user
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.trial import build_limits
from accounts.verdicts.device_codes import list_page_codes
from accounts.verdicts.offline import build_offline_verdict
from accounts.verdicts.verdict import build_browser_verdicts
from phone.calls.destinations import CannotDial, find_destination
from phone.calls.dialling.emergency import build_emergency_patterns
from phone.calls.dialling.plans import get_country_of_e164
from phone.calls.endings import describe_ending, get_calls_of
from phone.device.frames import parse_uuid
from phone.tokens.answers import SIGNED_OUT, TokenAnswer, issue_token, refuse
from phone.tokens.device_options import build_sounds

SOCKET_PATH = "/ws/device/"


@require_safe
@never_cache
@ensure_csrf_cookie
@login_required
def phone(request: HttpRequest) -> HttpResponse:
    """The phone itself; who has not connected Twilio is sent to do so."""
    user = request.user
    credentials = TwilioCredentials.objects.select_related("account").filter(user=user.pk).first()
    if credentials is None or not isinstance(user, User):
        return redirect("connect_twilio")
    caller_ids = list_caller_ids(credentials.account)
    page = {
        "token_url": reverse("token"),
        "socket_path": SOCKET_PATH,
        "whom_url": reverse("whom"),
        "deed_url": reverse("call_deed", args=["CALL_SID", "DEED"]),
        "ending_url": reverse("call_ending", args=["CALL_SID"]),
        "identity": user.identity,
        "display_name": user.display_name,
        "verdicts": {
            **{name: verdict.as_json() for name, verdict in build_browser_verdicts().items()},
            "offline": build_offline_verdict().as_json(),
        },
        "codes": dict(list_page_codes()),
        "caller_ids": caller_ids,
        "colleagues": list_colleagues(user, credentials.account),
        "sounds": build_sounds(),
        "signalling": settings.TWILIO_SIGNALLING,
        "support": build_support_facts(credentials),
        "dialling": build_dialling(user, caller_ids),
    }
    context = {
        "page": page,
        "caller_ids": caller_ids,
        "credentials": credentials,
        "limits": build_limits(credentials),
    }
    return render(request, "phone/phone.html", context)


def build_dialling(user: User, caller_ids: list[dict[str, str]]) -> dict[str, Any]:
    """By what the page reads numbers, as the server does: countries, and what is never called there."""
    numbers = [one["phone_number"] for one in caller_ids]
    return {
        "home": user.home_country,
        "countries": {number: get_country_of_e164(number) for number in numbers},
        "emergency": build_emergency_patterns(),
    }


def build_support_facts(credentials: TwilioCredentials) -> dict[str, str]:
    """What the page's support report says of the product and the account: the ends of SIDs only."""
    return {
        "version": settings.VERSION,
        "account": get_sid_tail(credentials.account.account_sid),
        "api_key": get_sid_tail(credentials.api_key_sid),
        "region": credentials.region,
    }


def list_caller_ids(account: TwilioAccount) -> list[dict[str, str]]:
    """Numbers the account may show to whom it calls, in E.164: its own first, then the verified ones."""
    numbers = PhoneNumber.objects.filter(account=account).order_by("kind", "phone_number")
    return [
        {
            "phone_number": number.phone_number,
            "label": number.friendly_name or number.get_kind_display(),
        }
        for number in numbers
    ]


def list_colleagues(user: User, account: TwilioAccount) -> list[dict[str, str]]:
    colleagues = User.objects.filter(is_active=True, twilio_credentials__account=account).exclude(pk=user.pk)
    return [{"name": person.display_name, "email": person.email} for person in colleagues.order_by("email")]


@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A token for the page's Device, or the verdict that stands in its way."""
    if isinstance(request.user, User) and request.user.is_active:
        answer = issue_token(
            user=request.user, client=get_client_info(request), page_session=read_page_session(request)
        )
    else:
        answer = refuse(401, SIGNED_OUT)
    return build_response(answer)


def build_response(answer: TokenAnswer) -> JsonResponse:
    response = JsonResponse(answer.body, status=answer.status)
    response["Cache-Control"] = "no-store"
    if answer.retry_after:
        response["Retry-After"] = str(answer.retry_after)
    return response


def read_page_session(request: HttpRequest) -> uuid.UUID | None:
    """The page's own UUID, from a form or from JSON; None where there is none that can be read."""
    body: Any = request.POST
    if request.content_type == "application/json":
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return None
    return parse_uuid(body.get("page_session")) if hasattr(body, "get") else None


@require_POST
@never_cache
@login_required
def whom(request: HttpRequest) -> JsonResponse:
    """`{"to", "name", "refusal"}`: whom a call to what was typed would reach, before there is one.

    For words that the page cannot tell: somebody may have become a colleague since it was opened.
    """
    user = get_user(request)
    account = get_object_or_404(TwilioAccount, credentials__user=user)
    typed = request.POST.get("typed", "")
    try:
        found = find_destination(
            caller=user, account=account, typed=typed, caller_id=request.POST.get("call_from", "")
        )
    except CannotDial as refusal:
        return JsonResponse({"to": "", "name": "", "refusal": refusal.sentence})
    if found.colleague:
        answer = {"to": found.colleague.email, "name": found.colleague.display_name}
    else:
        answer = {"to": found.phone_number + found.after, "name": found.phone_number}
    return JsonResponse({**answer, "refusal": ""})


@require_safe
@never_cache
@login_required
def call_ending(request: HttpRequest, call_sid: str) -> JsonResponse:
    """`{"words", "cause", "is_settled"}`: what a page cannot tell by itself of a call that is over there.

    To Twilio, a caller who hears an announcement was answered; and a call that has stopped ringing here
    may have been taken elsewhere. 404 for a call that the person neither made nor was rung by.
    """
    if not isinstance(request.user, User):
        raise Http404
    call = get_object_or_404(get_calls_of(request.user), call_sid=call_sid)
    return JsonResponse(asdict(describe_ending(call, request.user)))
