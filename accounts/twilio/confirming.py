"""Whether it is still its person who changes a connection: asked beside the phone, which goes on meanwhile.

What was typed by then waits, sealed (`swapped.py`), and is tried as soon as they have said so.
"""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django import forms
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.entrance.asking_again import is_to_be_asked
from accounts.fragments import get_layout, in_two_shapes, is_fragment_asked, mark_fragment
from accounts.people import get_user
from accounts.second_factor.forms import ReauthenticateForm as CodeForm
from accounts.twilio.forms import ConnectForm
from accounts.twilio.swapped import UNCONFIRMED, is_kept, take_kept
from accounts.twilio.views import Attempt, answer_attempt, get_credentials

# The pages of allauth's that ask otherwise, which take the whole window.
OTHER_WAYS = {"mfa_reauthenticate:webauthn": _("Use a passkey")}


@sensitive_post_parameters()
@never_cache
@in_two_shapes
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Asks for the password, or for a code where there is a second factor; a POST goes on if it is right."""
    form = build_form(request) if is_to_be_asked(request) else None
    if request.method != "POST":
        return show(request, form) if form or is_kept(request.session, name=UNCONFIRMED) else go_back()
    if form and not form.is_valid():
        return show(request, form, status=422)
    if isinstance(form, CodeForm):
        form.save()
    elif form:
        reauthenticate_by_password(request)
    return go_on(request)


def build_form(request: HttpRequest) -> forms.Form | None:
    user, data = get_user(request), request.POST if request.method == "POST" else None
    ways = list_ways(request)
    form: forms.Form = (CodeForm if "mfa_reauthenticate" in ways else PasswordForm)(data, user=user)
    return form


def list_ways(request: HttpRequest) -> dict[str, str]:
    """The pages of allauth's by which this person can say so, and then come back here."""
    back = urlencode({REDIRECT_FIELD_NAME: request.path})
    methods = get_adapter(request).get_reauthentication_methods(get_user(request))
    return {method["id"]: f"{method['url']}?{back}" for method in methods}


def show(request: HttpRequest, form: forms.Form | None, *, status: int = 200) -> HttpResponse:
    ways = list_ways(request)
    context = {
        "layout": get_layout(request),
        "link": "connect_twilio",
        "form": form,
        "takes_code": isinstance(form, CodeForm),
        "others": [(words, ways[name]) for name, words in OTHER_WAYS.items() if form and name in ways],
    }
    response = render(request, "twilio/confirm.html", context, status=status)
    return mark_fragment(request, response) if is_fragment_asked(request) else response


def go_back() -> HttpResponse:
    return redirect("connect_twilio")


def go_on(request: HttpRequest) -> HttpResponse:
    """Tries what was typed, if it waits; else the page, on which everything can be changed now."""
    user = get_user(request)
    kept = take_kept(request.session, user, name=UNCONFIRMED)
    if kept is None:
        return go_back()
    candidate, leaves_numbers = kept
    form = ConnectForm.to_correct(candidate, leaves_numbers=leaves_numbers)
    attempt = Attempt(form, candidate, leaves_numbers=leaves_numbers)
    return answer_attempt(request, attempt, get_credentials(user))
