"""Connecting Twilio: the form, the verdict, the state of the connection."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clients import ClientInfo, get_client_info
from accounts.people import User, get_user
from accounts.rate_limits import RateLimit
from accounts.twilio.candidate import Candidate, keep_stored_secrets, malformed, put_secret
from accounts.twilio.check import best_login
from accounts.twilio.connection import Connection, connect_twilio, disconnect_twilio, record_failed_connect
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from accounts.twilio.errands import Errand
from accounts.twilio.forms import ConnectForm, SecretForm
from accounts.twilio.numbers import NumberNotChanged, give_number_back, point_number_here
from accounts.twilio.trial import build_limits
from accounts.verdicts.verdict import Verdict, build_own_limit_verdict, build_verdict
from accounts.verdicts.words import describe_verdict

CONNECT_LIMIT = RateLimit("connect", limit=10, seconds=300)

# What was done at Twilio, kept in the session for the page that a POST redirects to.
DONE = "twilio_done"


# Which one value is asked for again, by the verdict that the stored credentials came to.
ROTATED = {"wrong_auth_token": "auth_token", "wrong_api_secret": "api_key_secret"}


@sensitive_post_parameters("auth_token", "api_key_secret")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The connection's page; a POST connects or replaces.

    A POST without the field `account_sid` replaces one secret of what is connected already. With
    `?change=everything` the page shows the whole form, also where one secret is all that is missing.
    422: the credentials were judged bad, 503: they were not judged, 429: too many attempts.
    """
    user = get_user(request)
    credentials = get_credentials(user)
    if request.method != "POST":
        return show_connection(request, credentials)
    attempt = read_attempt(request, credentials)
    if seconds := CONNECT_LIMIT.take(user.pk):
        verdict = build_own_limit_verdict(limit="10 attempts", period="5 minutes")
        response = render_page(request, attempt.form, credentials, verdict=verdict, status=429)
        response["Retry-After"] = str(seconds)
        return response
    connection = connect_with(attempt, user, get_client_info(request))
    if connection.verdict.is_ok:
        request.session[DONE] = [*attempt.notes, *connection.made]
        return redirect("connect_twilio")
    status = 422 if connection.verdict.is_judged else 503
    return render_page(
        request, attempt.form, credentials, verdict=connection.verdict, made=attempt.notes, status=status
    )


@dataclass(frozen=True)
class Attempt:
    """What was typed into which form."""

    form: ConnectForm | SecretForm
    candidate: Candidate
    notes: list[str] = field(default_factory=list)


def read_attempt(request: HttpRequest, credentials: TwilioCredentials | None) -> Attempt:
    if credentials and "account_sid" not in request.POST:
        name = next((name for name in ROTATED.values() if name in request.POST), "auth_token")
        secret_form = SecretForm(name, request.POST)
        return Attempt(secret_form, put_secret(credentials, name, secret_form.secret))
    form = ConnectForm(request.POST)
    candidate = form.candidate
    if credentials:
        candidate = keep_stored_secrets(candidate, Candidate.of(credentials))
    return Attempt(form, candidate, form.notes)


def connect_with(attempt: Attempt, user: User, client: ClientInfo) -> Connection:
    if isinstance(attempt.form, SecretForm) and not attempt.form.secret:
        # With the field left empty, an account that has a key as well would connect without the token.
        verdict = malformed(attempt.form.name, "nothing", "the new one")
        return record_failed_connect(user, attempt.candidate, verdict, client)
    return connect_twilio(user=user, candidate=attempt.candidate, client=client)


def show_connection(request: HttpRequest, credentials: TwilioCredentials | None) -> HttpResponse:
    done = request.session.pop(DONE, None)
    verdict = build_verdict("ok") if done is not None and credentials else None
    form: ConnectForm | SecretForm = ConnectForm.for_credentials(credentials)
    if credentials:
        if credentials.stopped_at and verdict is None:
            verdict = describe_verdict(credentials.stopped_verdict)
        if credentials.stopped_verdict in ROTATED and request.GET.get("change") != "everything":
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
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "rotated": form[form.name] if isinstance(form, SecretForm) else None,
        "verdict": verdict,
        "credentials": credentials,
        "numbers": credentials.account.phone_numbers.all() if credentials else PhoneNumber.objects.none(),
        "made": made or [],
        "limits": build_limits(credentials) if credentials else None,
        "errands": [
            errand for errand in Errand.objects.to_show().filter(user=request.user.pk) if errand.words
        ],
        "is_waiting": Errand.objects.under_way().filter(user=request.user.pk).exists(),
    }
    return render(request, "twilio/twilio.html", context, status=status)


@login_required
@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    # The first sentence: what is left to be done is on the page for as long as it takes.
    request.session[DONE] = disconnect_twilio(user=get_user(request))[:1]
    return redirect("connect_twilio")


@login_required
@require_POST
def point_here(request: HttpRequest, number_id: int) -> HttpResponse:
    """Calls to one of the person's own account's numbers ring here from now on."""
    return change_number(request, number_id, point_number_here)


@login_required
@require_POST
def give_back(request: HttpRequest, number_id: int) -> HttpResponse:
    """Whoever answered the number before does so again."""
    return change_number(request, number_id, give_number_back)


def change_number(request: HttpRequest, number_id: int, change: Any) -> HttpResponse:
    credentials = get_object_or_404(TwilioCredentials.objects.select_related("account"), user=request.user)
    number = get_object_or_404(
        PhoneNumber, pk=number_id, account=credentials.account, kind=PhoneNumber.Kind.OWNED
    )
    try:
        messages.success(request, change(best_login(Candidate.of(credentials)), number))
    except NumberNotChanged as error:
        messages.error(request, str(error))
    return redirect("connect_twilio")


def get_credentials(user: User) -> TwilioCredentials | None:
    found: TwilioCredentials | None = (
        TwilioCredentials.objects.select_related("account").filter(user=user).first()
    )
    return found
