"""The phone page and its token."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.clients import get_client_info
from accounts.masking import get_sid_tail
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.trial import build_limits
from accounts.verdicts.verdict import BROWSER_VERDICTS, build_verdict
from phone.calls.call import Call
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
        "ending_url": reverse("call_ending", args=["CALL_SID"]),
        "identity": user.identity,
        "display_name": user.display_name,
        "verdicts": {code: build_verdict(code).as_json() for code in BROWSER_VERDICTS},
        "caller_ids": caller_ids,
        "colleagues": list_colleagues(user, credentials.account),
        "sounds": build_sounds(),
        "signalling": settings.TWILIO_SIGNALLING,
        "support": build_support_facts(credentials),
    }
    context = {
        "page": page,
        "caller_ids": caller_ids,
        "credentials": credentials,
        "limits": build_limits(credentials),
    }
    return render(request, "phone/phone.html", context)


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


@require_safe
@never_cache
@login_required
def call_ending(request: HttpRequest, call_sid: str) -> JsonResponse:
    """`{"words"}`: what the person who called was told instead of being connected; "" if they were.

    404 for a call that is not theirs: to Twilio, a call that hears an announcement was answered, so
    the page cannot tell by itself.
    """
    call = get_object_or_404(Call, call_sid=call_sid, user=request.user.pk, direction=Call.Direction.OUTGOING)
    return JsonResponse({"words": call.ending})
