"""Where somebody is signed in, and ending it."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.browsers import describe_browser, word_browser
from accounts.clients import NO_ADDRESS, get_client_info
from accounts.fragments import beside_the_phone
from accounts.people import User, get_user
from accounts.toasts import say_done

OTHERS = "others"


@dataclass(frozen=True)
class SignIn:
    """One session, in words."""

    pk: int
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@never_cache
@beside_the_phone
@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request: HttpRequest) -> HttpResponse:
    """A POST ends the one that `end` names, or all others than this; never this, which is signing out."""
    user = get_user(request)
    if request.method != "POST":
        # Those that have ended otherwise are not shown, and go.
        found = [build_sign_in(request, one) for one in UserSession.objects.purge_and_list(user)]
        found.sort(key=lambda one: (not one.is_this, -one.seen_at.timestamp()))
        context = {"sign_ins": found, "others": len([one for one in found if not one.is_this])}
        return render(request, "usersessions/usersession_list.html", context)
    ended = end(request, user, request.POST.get("end", ""))
    if ended:
        words = ngettext(
            "Signed out there. A phone that was open has stopped ringing.",
            "Signed out in {count} browsers. Phones that were open have stopped ringing.",
            ended,
        )
        say_done(request, words.format(count=ended))
    return redirect("sign_ins")


def end(request: HttpRequest, user: User, which: str) -> int:
    """How many sign-ins of the person's were ended."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    if which != OTHERS:
        others = others.filter(pk=which) if which.isdecimal() else others.none()
    sessions = list(others)
    get_adapter().end_sessions(sessions)
    for _session in sessions:
        record_account_event(kind=AccountEvent.Kind.SIGN_IN_ENDED, user=user, client=get_client_info(request))
    return len(sessions)


def build_sign_in(request: HttpRequest, session: UserSession) -> SignIn:
    return SignIn(
        pk=session.pk,
        browser=word_browser(describe_browser(session.user_agent)) or _("An unknown browser"),
        address="" if session.ip == NO_ADDRESS else session.ip,
        began_at=session.created_at,
        seen_at=session.last_seen_at,
        is_this=session.session_key == request.session.session_key,
    )
