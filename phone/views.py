"""The phone page and its token."""

import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from structlog.contextvars import bind_contextvars

from accounts.clients import get_client_info
from accounts.company.memberships import get_membership_of
from accounts.people import User, get_user
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits.permission import refuse_number
from phone.calls.destinations import CannotDial, find_destination
from phone.calls.webhooks import CALL_SID
from phone.causes.endings import describe_ending, get_calls_of
from phone.causes.naming import find_attempts
from phone.causes.refusals import find_rule
from phone.colleagues.seeing import see_colleagues
from phone.contacts.names import find_names
from phone.device.frames import parse_uuid
from phone.device.one_device import claim
from phone.echo_tests.endings import describe_echo_test
from phone.tokens.answers import SIGNED_OUT, TokenAnswer, issue_token, refuse


@require_safe
def phone(request: HttpRequest) -> TemplateResponse:
    """The phone itself, and beside it whom one can call by name."""
    return colleagues(request)


@require_safe
def colleagues(request: HttpRequest) -> TemplateResponse:
    """A pane: whoever else uses this person's Twilio account."""
    membership = get_membership_of(request)
    if membership is None:
        raise Http404
    seen = see_colleagues(get_user(request), membership.credentials.account)
    # In this order for as long as it is shown: what changes meanwhile is marked where it stands.
    context = {"title": _("Colleagues"), "link": "colleagues", "colleagues": seen}
    return TemplateResponse(request, "phone/colleagues.html", context)


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
    page_session = parse_uuid(body.get("page_session")) if hasattr(body, "get") else None
    if page_session is not None:
        bind_contextvars(page_session=str(page_session))
    return page_session


@require_POST
@never_cache
@login_required
def whom(request: HttpRequest) -> JsonResponse:
    """`{"to", "name", "refusal", "cause"}`: whom a call to what was typed would reach, before there is one.

    For words that the page cannot tell: somebody may have become a colleague since it was opened.
    """
    user = get_user(request)
    account = get_object_or_404(TwilioAccount, credentials__memberships__user=user)
    typed = request.POST.get("typed", "")
    try:
        found = find_destination(
            caller=user, account=account, typed=typed, caller_id=request.POST.get("call_from", "")
        )
        if found.phone_number and (limited := refuse_number(account, found.phone_number, person=user)):
            raise limited
    except CannotDial as refusal:
        cause = find_rule(refusal)["slug"]
        return JsonResponse({"to": "", "name": "", "refusal": refusal.words, "cause": cause})
    if found.colleague:
        answer = {"to": found.colleague.email, "name": found.colleague.display_name}
    else:
        known = find_names(user, account, [found.phone_number])
        name = known.get(found.phone_number, found.phone_number)
        answer = {"to": found.phone_number + found.after, "name": name}
    return JsonResponse({**answer, "refusal": "", "cause": ""})


@require_POST
@never_cache
@login_required
def use_here(request: HttpRequest) -> JsonResponse:
    """`{"is_here", "where", "since"}`: whether the phone is in the page `page_session` now, and else where.

    `is_firm` true: whoever has it gives it up, where only one of a person's browsers is to ring.
    """
    page_session = read_page_session(request)
    if page_session is None:
        words = _("The phone was not moved: page_session is the page's own UUID.")
        return JsonResponse({"cause": "refused_here", "words": words, "remedy": ""}, status=422)
    found = claim(
        user=get_user(request),
        page_session=page_session,
        client=get_client_info(request),
        is_firm=request.POST.get("is_firm") == "true",
    )
    return JsonResponse({"is_here": found.is_here, **found.as_json()})


@require_safe
@never_cache
@login_required
def call_ending(request: HttpRequest, call_sid: str) -> JsonResponse:
    """`{"words", "cause", "remedy", "link", "link_name", "is_settled"}`: why a call is over, for this person.

    To Twilio, a caller who hears an announcement was answered; and a call that has stopped ringing here
    may have been taken elsewhere: `?open` says that it was open on the page that asks. 404 for a call that
    the person has no part in. One that Twilio has not named goes by its page's own id.
    """
    attempt = parse_uuid(call_sid)
    if not isinstance(request.user, User) or not (attempt or CALL_SID.fullmatch(call_sid)):
        raise Http404
    test = describe_echo_test(request.user, call_sid)
    if test is not None:
        return JsonResponse(test)
    if attempt:
        call = get_object_or_404(find_attempts(request.user, attempt).select_related("user"))
    else:
        call = get_object_or_404(get_calls_of(request.user), call_sid=call_sid)
    return JsonResponse(describe_ending(call, request.user, was_open="open" in request.GET).as_json())
