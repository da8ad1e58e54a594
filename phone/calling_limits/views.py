"""The pane of a company's limits: seen by all who use the connection, changed by its owner."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.clients import get_client_info
from accounts.countries import get_country_name, list_countries
from accounts.people import User, get_user
from accounts.rate_limits import RateLimit
from accounts.toasts import say_done
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits import changing
from phone.calling_limits.alarming import PATTERNS
from phone.calling_limits.calling_limits import CallingLimits, find_home, get_limits
from phone.calling_limits.forms import LimitsForm
from phone.calling_limits.owner import get_owner, may_change_limits
from phone.calling_limits.twilio_permissions import ask_twilio
from phone.dialling.plans import get_country_code
from phone.dialling.plans import list_countries as list_sharing

# Somebody who asks Twilio again and again.
QUESTIONS = RateLimit("dialling-permissions", limit=10, seconds=600)
LONGEST_SEARCH = 60
# Countries that are named in a sentence.
MOST_NAMED = 12
# What Twilio said when it was asked, where it did not tell.
NOT_TOLD = {
    "trial": gettext_lazy("Twilio does not tell its own permissions to trial accounts."),
    "refused": gettext_lazy("Twilio does not tell its own permissions to the stored login."),
    "away": gettext_lazy("Twilio did not answer. Try again in a moment."),
    "no_login": gettext_lazy("There is no login to ask Twilio with. Connect again on the Twilio page."),
}


@dataclass(frozen=True)
class CountryLine:
    """One country: whether it is called, and what Twilio says of it in words ("": not known)."""

    code: str
    name: str
    calling_code: str
    is_home: bool
    is_allowed: bool
    twilio: str

    def has(self, query: str) -> bool:
        digits = query.lstrip("+0")
        is_code = digits.isdigit() and self.calling_code.startswith(digits)
        return query.casefold() in self.name.casefold() or query.upper() == self.code or is_code


@require_http_methods(["GET", "HEAD", "POST"])
def calling_limits(request: HttpRequest) -> HttpResponseBase:
    """The limits; a POST, which is its owner's alone, changes them."""
    person, account = find_account(request)
    row = get_limits(account)
    if request.method != "POST":
        return show(request, person, row, LimitsForm(instance=row))
    refuse_others(person, account)
    form = LimitsForm(request.POST, instance=row)
    if not form.is_valid():
        return show(request, person, get_limits(account), form)
    changing.change_limits(account=account, by=person, wanted=form.wanted, client=get_client_info(request))
    say_done(request, _("The calling limits are saved. They hold from the next call on."))
    return redirect("calling_limits")


def show(request: HttpRequest, person: User, row: CallingLimits, form: LimitsForm) -> TemplateResponse:
    query = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
    every = list_lines(row)
    owner = get_owner(row.account)
    context = {
        "title": _("Calling limits"),
        "link": "phone_settings",
        "limits": row,
        "form": form,
        "may_change": may_change_limits(person, row.account),
        "owner": owner,
        "query": query,
        "lines": [line for line in every if line.has(query)],
        "allowed": describe_allowed(every),
        "has_told": row.twilio_asked_at is not None,
        "not_told": NOT_TOLD.get(row.twilio_answer, ""),
        "stopped_for": PATTERNS.get(row.stopped_for.get("pattern", ""), ""),
    }
    return TemplateResponse(request, "phone/calling_limits.html", context, status=422 if form.errors else 200)


def describe_allowed(lines: list[CountryLine]) -> str:
    """Which countries may be called, by name where that can be read at a glance."""
    allowed = [line.name for line in lines if line.is_allowed]
    others = [line.name for line in lines if not line.is_allowed]
    if len(allowed) <= MOST_NAMED:
        return _("May be called: {countries}.").format(countries=", ".join(allowed))
    if not others:
        return _("All countries may be called.")
    if len(others) <= MOST_NAMED:
        return _("May be called: all countries but {countries}.").format(countries=", ".join(others))
    return _("{count} of {all} countries may be called.").format(count=len(allowed), all=len(lines))


def list_lines(row: CallingLimits) -> list[CountryLine]:
    """Every country, by its name in the language that is spoken."""
    home = find_home(row.account)
    return [
        CountryLine(
            code,
            name,
            get_country_code(code),
            is_home=code in home,
            is_allowed=code in home or code in row.countries,
            twilio=describe_twilio(row, code),
        )
        for code, name in list_countries()
    ]


def describe_twilio(row: CallingLimits, code: str) -> str:
    if row.twilio_asked_at is None:
        return ""
    flags = find_flags(row.twilio_permissions, code)
    if flags is None:
        return _("not told")
    if "low" not in flags:
        return _("not allowed")
    if "special" in flags and "tollfraud" in flags:
        return _("allowed, risky numbers too")
    return _("some risky numbers too") if "special" in flags or "tollfraud" in flags else _("allowed")


def find_flags(permissions: dict[str, list[str]], code: str) -> list[str] | None:
    """Those of the country `code`, or else of its calling code's main one: to Twilio, +1 is one country."""
    if code in permissions:
        return permissions[code]
    main = list_sharing(get_country_code(code))[:1]
    return permissions.get(main[0]) if main else None


@require_http_methods(["GET", "HEAD", "POST"])
def country(request: HttpRequest) -> HttpResponseBase:
    """A POST allows calls to the country `code`, or with `is_allowed` off does so no more."""
    person, account = find_account(request)
    if request.method == "POST":
        refuse_others(person, account)
        code, is_allowed = request.POST.get("code", ""), request.POST.get("is_allowed") == "on"
        if code not in dict(list_countries()):
            raise Http404
        is_new = changing.change_country(
            account=account,
            by=person,
            country=code,
            is_allowed=is_allowed,
            client=get_client_info(request),
        )
        if is_new:
            words = (
                _("{country} may be called.") if is_allowed else _("{country} may not be called any more.")
            )
            say_done(request, words.format(country=get_country_name(code)))
    query = " ".join(request.POST.get("q", "").split())[:LONGEST_SEARCH]
    return redirect(reverse("calling_limits", query={"q": query} if query else None))


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest) -> HttpResponseBase:
    """A POST allows calls abroad again that an alarm has stopped."""
    person, account = find_account(request)
    if request.method == "POST":
        refuse_others(person, account)
        if changing.release(account, person, get_client_info(request)):
            say_done(request, _("Calls abroad are allowed again."))
    return redirect("calling_limits")


@require_http_methods(["GET", "HEAD", "POST"])
def twilio(request: HttpRequest) -> HttpResponseBase:
    """A POST asks Twilio what its own permissions say."""
    person, account = find_account(request)
    if request.method == "POST":
        refuse_others(person, account)
        if not QUESTIONS.take(str(account.pk)):
            ask_twilio(account, person)
    return redirect("calling_limits")


def find_account(request: HttpRequest) -> tuple[User, TwilioAccount]:
    person = get_user(request)
    account: TwilioAccount = get_object_or_404(TwilioAccount, memberships__user=person)
    return person, account


def refuse_others(person: User, account: TwilioAccount) -> None:
    if not may_change_limits(person, account):
        raise PermissionDenied


def build_limits_summary(person: User, account: TwilioAccount) -> dict[str, Any]:
    """What the settings pane has of the limits: a line, and whether calls abroad are stopped."""
    row = get_limits(account)
    return {
        "limits": row,
        "limits_countries": describe_allowed(list_lines(row)),
        "may_change_limits": may_change_limits(person, account),
        "limits_owner": get_owner(account),
    }
