"""Connecting Twilio: the form, the verdict, the state of the connection."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import get_client_info
from accounts.company.departures import Departure
from accounts.company.memberships import find_membership, get_membership, get_owner
from accounts.entrance.asking_again import is_to_be_asked
from accounts.entrance.limits import describe_wait
from accounts.fragments import get_layout, in_two_shapes, is_fragment_asked, mark_fragment
from accounts.people import User, get_user
from accounts.rate_limits import RateLimit
from accounts.toasts import say_done
from accounts.twilio.candidate import (
    NOTHING,
    Candidate,
    find_malformed,
    keep_stored_secrets,
    malformed,
    put_secret,
)
from accounts.twilio.check import best_login
from accounts.twilio.connection import connect_twilio, disconnect_twilio, record_failed_connect
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from accounts.twilio.errands import Errand
from accounts.twilio.forms import ConnectForm, SecretForm
from accounts.twilio.guesses import Guess
from accounts.twilio.news import News, word
from accounts.twilio.numbers import NumberNotChanged, leave_number_out, point_number_here
from accounts.twilio.rest import TwilioLogin
from accounts.twilio.swapped import SWAPPED, UNCONFIRMED, forget_kept, keep, offer_swap, take_kept
from accounts.twilio.trial import build_limits
from accounts.verdicts.verdict import Verdict, build_guesses_verdict, build_own_limit_verdict, build_verdict
from accounts.verdicts.words import describe_verdict

CONNECT_LIMIT = RateLimit("connect", limit=10, seconds=300)
# What has no shape is never sent to Twilio; only a flood of it is stopped.
MALFORMED_LIMIT = RateLimit("malformed", limit=100, seconds=300)

# What was done at Twilio, kept in the session for the page that a POST redirects to.
DONE = "twilio_done"

# Which one value is asked for again, by the verdict that the stored credentials came to.
ROTATED = {"wrong_auth_token": "auth_token", "wrong_api_secret": "api_key_secret"}
# What the form folds.
REST_FIELDS = ("api_key_sid", "api_key_secret", "twiml_app_sid", "region")
# What a check says of a key that Dog n Bone made and that somebody has removed or changed since.
KEY_IS_GONE = ("api_key_not_found", "wrong_api_secret", "restricted_key")


@sensitive_post_parameters("account_sid", "auth_token", "api_key_sid", "api_key_secret", "twiml_app_sid")
@never_cache
@in_two_shapes
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The connection's page; a POST connects or replaces.

    A POST without the field `account_sid` replaces one secret of what is connected already. With
    `?change=everything` the page shows the whole form, also where one secret is all that is missing. Whoever
    signed in a while ago is asked whether it is them before what is connected is changed (`confirming.py`).
    422: the credentials were judged bad, 503: they were not judged, 429: too many attempts.
    """
    user = get_user(request)
    credentials = get_credentials(user)
    # A page looks at itself again while something is under way, and offers what it did.
    forget_kept(request.session, is_only_old=request.method != "POST")
    if request.method != "POST":
        return show_connection(request, credentials)
    return answer_attempt(request, read_attempt(request, credentials), credentials)


@dataclass(frozen=True)
class Attempt:
    """What was typed into which form, and whether it is to be sent at all."""

    form: ConnectForm | SecretForm
    candidate: Candidate
    notes: list[str] = field(default_factory=list)
    leaves_numbers: bool = False

    @property
    def fault(self) -> Verdict | None:
        """What is wrong with its shape."""
        if isinstance(self.form, SecretForm) and not self.form.secret:
            # With the field left empty, an account that has a key as well would connect without the token.
            return malformed(self.form.name, NOTHING, _("the new one"))
        return find_malformed(self.candidate)


def read_attempt(request: HttpRequest, credentials: TwilioCredentials | None) -> Attempt:
    if credentials and "account_sid" not in request.POST:
        name = next((name for name in ROTATED.values() if name in request.POST), "auth_token")
        secret_form = SecretForm(name, request.POST)
        candidate = put_secret(credentials, name, secret_form.secret)
        return Attempt(secret_form, candidate, secret_form.notes, credentials.leaves_numbers)
    form = ConnectForm(request.POST)
    candidate = form.candidate
    if credentials:
        candidate = keep_stored_secrets(candidate, Candidate.of(credentials))
    return Attempt(form, candidate, form.notes, form.cleaned_data["leaves_numbers"])


def answer_attempt(
    request: HttpRequest, attempt: Attempt, credentials: TwilioCredentials | None
) -> HttpResponse:
    user, client = get_user(request), get_client_info(request)
    if credentials and is_to_be_asked(request):
        leaves_numbers = attempt.leaves_numbers
        keep(request.session, user, attempt.candidate, leaves_numbers=leaves_numbers, name=UNCONFIRMED)
        return redirect("confirm_twilio")
    fault = attempt.fault
    limit = MALFORMED_LIMIT if fault else CONNECT_LIMIT
    if seconds := limit.take(user.pk):
        attempts = ngettext("{count} attempt", "{count} attempts", limit.limit).format(count=limit.limit)
        verdict = build_own_limit_verdict(limit=attempts, period=_("5 minutes"))
        return show_limit(request, attempt, credentials, verdict, limit, seconds)
    if fault:
        return show_fault(request, attempt, fault, credentials)
    guess = Guess(user, client, attempt.candidate.account_sid)
    if seconds := guess.begin():
        verdict = build_guesses_verdict(limit=guess.words, period=describe_wait(seconds))
        return show_limit(request, attempt, credentials, verdict, guess.exceeded, seconds)
    connection = connect_twilio(
        user=user, candidate=attempt.candidate, client=client, leaves_numbers=attempt.leaves_numbers
    )
    guess.settle(connection.verdict)
    if connection.verdict.is_ok:
        request.session[DONE] = [*attempt.notes, *map(str, connection.made)]
        return redirect("connect_twilio")
    status = 422 if connection.verdict.is_judged else 503
    return render_page(
        request, attempt.form, credentials, verdict=connection.verdict, made=attempt.notes, status=status
    )


def show_limit(
    request: HttpRequest,
    attempt: Attempt,
    credentials: TwilioCredentials | None,
    verdict: Verdict,
    limit: RateLimit | None,
    seconds: int,
) -> HttpResponse:
    """429, kept by which limit it was."""
    record_refusal(
        Refusal.What.CONNECT,
        user=get_user(request),
        client=get_client_info(request),
        about=limit.name if limit else "",
    )
    response = render_page(request, attempt.form, credentials, verdict=verdict, status=429)
    response["Retry-After"] = str(seconds)
    return response


def show_fault(
    request: HttpRequest, attempt: Attempt, fault: Verdict, credentials: TwilioCredentials | None
) -> HttpResponse:
    """What cannot be sent comes back to be corrected, without its secrets, each SID where it belongs."""
    user, form = get_user(request), attempt.form
    record_failed_connect(user, attempt.candidate, fault, get_client_info(request))
    is_swapped = False
    if isinstance(form, ConnectForm):
        leaves_numbers = attempt.leaves_numbers
        form = ConnectForm.to_correct(attempt.candidate, leaves_numbers=leaves_numbers)
        is_swapped = offer_swap(request.session, user, attempt.candidate, leaves_numbers=leaves_numbers)
    return render_page(
        request, form, credentials, verdict=fault, made=attempt.notes, status=422, is_swapped=is_swapped
    )


@sensitive_post_parameters()
@in_two_shapes
@require_POST
def swap(request: HttpRequest) -> HttpResponse:
    """Connects with what was typed just now, its two swapped fields exchanged."""
    kept = take_kept(request.session, get_user(request), name=SWAPPED)
    if kept is None:
        messages.error(request, _("What was typed is no longer kept. Paste both values again."))
        return redirect("connect_twilio")
    candidate, leaves_numbers = kept
    form = ConnectForm.to_correct(candidate, leaves_numbers=leaves_numbers)
    attempt = Attempt(form, candidate, leaves_numbers=leaves_numbers)
    return answer_attempt(request, attempt, get_credentials(get_user(request)))


@in_two_shapes
@require_POST
def make_key(request: HttpRequest) -> HttpResponse:
    """Makes a new API key in place of one that Dog n Bone made and that is gone, by the stored Auth Token."""
    credentials = get_object_or_404(TwilioCredentials.objects.select_related("account"), user=request.user)
    if not can_make_key(credentials):
        return redirect("connect_twilio")
    candidate = put_secret(credentials, "auth_token", credentials.auth_token)
    form = ConnectForm.for_credentials(credentials)
    attempt = Attempt(form, candidate, leaves_numbers=credentials.leaves_numbers)
    return answer_attempt(request, attempt, credentials)


def can_make_key(credentials: TwilioCredentials) -> bool:
    """Whether the key has stopped working, and there is all that it takes to make another."""
    return (
        credentials.is_api_key_ours
        and credentials.auth_token_is_set
        and credentials.stopped_verdict in KEY_IS_GONE
    )


def show_connection(request: HttpRequest, credentials: TwilioCredentials | None) -> HttpResponse:
    done = request.session.pop(DONE, None)
    verdict = build_verdict("ok") if done is not None and credentials else None
    form: ConnectForm | SecretForm = ConnectForm.for_credentials(credentials)
    if credentials:
        if credentials.stopped_at and verdict is None:
            verdict = describe_verdict(credentials.stopped_verdict)
        is_one_missing = credentials.stopped_verdict in ROTATED and not can_make_key(credentials)
        if is_one_missing and request.GET.get("change") != "everything":
            form = SecretForm(ROTATED[credentials.stopped_verdict])
            # Nothing has been typed yet that could be wrong.
            verdict = verdict and replace(verdict, field="")
    return render_page(request, form, credentials, verdict=verdict, made=done or [])


def render_page(
    request: HttpRequest,
    form: ConnectForm | SecretForm,
    credentials: TwilioCredentials | None,
    *,
    verdict: Verdict | None = None,
    made: list[str] | None = None,
    status: int = 200,
    is_swapped: bool = False,
) -> HttpResponse:
    makes_key = bool(verdict and verdict.code in KEY_IS_GONE and credentials and can_make_key(credentials))
    is_mended_by_click = is_swapped or makes_key
    wrong_field = verdict.field if verdict and not verdict.is_ok and not is_mended_by_click else ""
    errands = list(Errand.objects.to_show().filter(user=request.user.pk))
    context: dict[str, Any] = {
        "layout": get_layout(request),
        "link": "connect_twilio",
        "form": form,
        "rotated": form[form.name] if isinstance(form, SecretForm) else None,
        "verdict": verdict,
        "wrong_field": wrong_field,
        "credentials": credentials,
        "numbers": credentials.account.phone_numbers.all() if credentials else PhoneNumber.objects.none(),
        "made": made or [],
        **build_company(get_user(request), credentials),
        "is_swapped": is_swapped,
        "is_to_be_asked": bool(credentials) and is_to_be_asked(request),
        "can_make_key": makes_key,
        "is_rest_open": isinstance(form, ConnectForm) and (form.has_rest or wrong_field in REST_FIELDS),
        "limits": build_limits(credentials) if credentials else None,
        "errands": [errand for errand in errands if errand.words],
        "is_waiting": any(errand.ended_at is None for errand in errands),
    }
    response = render(request, "twilio/twilio.html", context, status=status)
    return mark_fragment(request, response) if is_fragment_asked(request) else response


@login_required
@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    if is_to_be_asked(request):
        return redirect("confirm_twilio")
    # What is left to be done is on the page for as long as it takes.
    for sentence in disconnect_twilio(user=get_user(request))[:1]:
        say_done(request, str(sentence))
    return redirect("connect_twilio")


@login_required
@require_POST
def point_here(request: HttpRequest, number_id: int) -> HttpResponse:
    """Calls to one of the person's own account's numbers ring here from now on."""
    return change_number(request, number_id, point_number_here)


@login_required
@require_POST
def give_back(request: HttpRequest, number_id: int) -> HttpResponse:
    """Whoever answered the number before does so again, and connecting again leaves it so."""
    return change_number(request, number_id, leave_number_out)


def change_number(
    request: HttpRequest, number_id: int, change: Callable[[TwilioLogin, PhoneNumber], News]
) -> HttpResponse:
    credentials = get_object_or_404(TwilioCredentials.objects.select_related("account"), user=request.user)
    number = get_object_or_404(
        PhoneNumber, pk=number_id, account=credentials.account, kind=PhoneNumber.Kind.OWNED
    )
    try:
        say_done(request, word(change(best_login(Candidate.of(credentials)), number)))
    except NumberNotChanged as error:
        messages.error(request, word(error.news))
    return redirect("connect_twilio")


def build_company(user: User, credentials: TwilioCredentials | None) -> dict[str, Any]:
    """For the page: of whose company this phone is, or why there is none any more."""
    # Without credentials there is nothing to put right.
    membership = get_membership(user) if credentials else find_membership(user)
    if membership is None:
        return {"membership": None, "departure": Departure.objects.filter(user=user).first()}
    owner = get_owner(membership.account_id) if membership.account_id else None
    return {"membership": membership, "owner": owner, "departure": None}


def get_credentials(user: User) -> TwilioCredentials | None:
    """The person's own: whoever runs on the owner's has nothing of theirs to change here."""
    found: TwilioCredentials | None = (
        TwilioCredentials.objects.select_related("account").filter(user=user).first()
    )
    return found
