"""The settings pane, its forms, the switch Do not disturb, and "Send to voicemail"."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import get_body, get_client_info
from accounts.company.memberships import may_manage
from accounts.fragments import is_fragment_asked, leave_for
from accounts.languages import find_language
from accounts.people import User, get_user
from accounts.rate_limits import RateLimit
from accounts.toasts import put_toasts, say_done
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.answering.changing import (
    ChangedMeanwhile,
    change_do_not_disturb,
    change_greeting,
    change_one_device,
    change_rules,
    change_sound,
    have_sound_back,
    remove_sound,
)
from phone.answering.forms import GreetingForm, HomeCountryForm, LanguageForm, NumberForm, build_seen
from phone.answering.greetings import GreetingSound, get_greeting, get_sound
from phone.answering.rules import NumberRules, find_rules
from phone.answering.sending import NotSent, send_to_voicemail
from phone.answering.sound import MOST_BYTES, MOST_SECONDS, BadSound, read_sound
from phone.answering.summary import build_summary
from phone.calling_limits.views import build_limits_summary
from phone.calls.do_not_disturb import is_do_not_disturb
from phone.calls.webhooks import CALL_SID
from phone.connection_tests.texts import build_page_texts
from phone.contacts.blocked_callers import BlockedCaller
from phone.device.frames import parse_uuid
from phone.device.one_device import wants_one_device
from phone.in_call.parts import Part, get_part
from phone.in_call.state import describe_part
from phone.recordings.choices import build_recording_settings, choose
from phone.waking.vapid import is_offered

# A recording is a megabyte.
RECORDINGS = RateLimit("greeting-sound", limit=30, seconds=600)
SWITCHES = {"true": True, "false": False}
# What is said once a switch was turned.
RECORDED = {
    ("mine", True): gettext_lazy("Your calls are recorded from now on."),
    ("mine", False): gettext_lazy("Your calls are not recorded any more."),
    ("everybody", True): gettext_lazy("Everybody’s calls are recorded from now on."),
    ("everybody", False): gettext_lazy(
        "Calls are recorded only of those who have switched it on for themselves."
    ),
}
ONE_DEVICE = {
    True: gettext_lazy("The phone rings on this device only from now on."),
    False: gettext_lazy("The phone rings wherever it is open from now on."),
}


@require_safe
def phone_settings(request: HttpRequest) -> TemplateResponse:
    return show_settings(request)


def show_settings(
    request: HttpRequest,
    greeting_form: GreetingForm | None = None,
    country_form: HomeCountryForm | None = None,
    language_form: LanguageForm | None = None,
) -> TemplateResponse:
    """The pane, with a form that was refused in place of what is stored."""
    person = get_user(request)
    account = get_account(person)
    refused = greeting_form or country_form or language_form
    context = {
        "title": _("Settings"),
        "link": "phone_settings",
        "numbers": list_numbers(account),
        "may_manage": may_manage(person, account),
        "greeting_form": greeting_form or GreetingForm(instance=get_greeting(person)),
        "country_form": country_form or HomeCountryForm(instance=person),
        "language_form": language_form or LanguageForm(instance=person),
        "sound": get_sound(person),
        "most_seconds": MOST_SECONDS,
        "wants_one_device": wants_one_device(person),
        "wakes_browsers": is_offered(),
        **build_recording_settings(person, account),
        "blocked": BlockedCaller.objects.of(account, person).standing().count(),
        **build_limits_summary(person, account),
        "connection_words": build_page_texts(),
    }
    return TemplateResponse(request, "phone/settings.html", context, status=422 if refused else 200)


def list_numbers(account: TwilioAccount) -> list[dict[str, Any]]:
    """The account's own numbers, and in words what happens with calls to each."""
    rules = {one.phone_number: one for one in NumberRules.objects.filter(account=account)}
    numbers = PhoneNumber.objects.filter(account=account, kind=PhoneNumber.Kind.OWNED)
    return [
        {"number": number, "summary": build_summary(rules.get(number.phone_number))} for number in numbers
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def greeting(request: HttpRequest) -> HttpResponseBase:
    """The written greeting."""
    person = get_user(request)
    if request.method != "POST":
        return redirect("phone_settings")
    form = GreetingForm(request.POST, instance=get_greeting(person))
    if not form.is_valid():
        return show_settings(request, greeting_form=form)
    text, language = form.cleaned_data["text"], form.cleaned_data["language"]
    change_greeting(get_account(person), person, text=text, language=language)
    say_done(request, _("The greeting is saved."))
    return redirect("phone_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def home_country(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return redirect("phone_settings")
    form = HomeCountryForm(request.POST, instance=get_user(request))
    if not form.is_valid():
        return show_settings(request, country_form=form)
    form.save()
    say_done(request, _("The home country is saved."))
    return redirect("phone_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponseBase:
    """Changes all of the page, so all of it is loaded anew: at once, or once no call is talked on."""
    person = get_user(request)
    if request.method != "POST":
        return redirect("phone_settings")
    form = LanguageForm(request.POST, instance=person)
    if not form.is_valid():
        return show_settings(request, language_form=form)
    form.save()
    with translation.override(find_language(request)):
        say_done(request, _("The language is saved."))
    return leave_for(request, reverse("phone_settings"))


@require_http_methods(["GET", "HEAD", "POST"])
def recording_settings(request: HttpRequest) -> HttpResponseBase:
    """Whose calls are recorded: a POST turns one of the two switches."""
    person = get_user(request)
    if request.method != "POST":
        return redirect("phone_settings")
    whose = request.POST.get("whose", "")
    if whose not in ("mine", "everybody"):
        return HttpResponse("whose is mine or everybody", status=400, content_type="text/plain")
    if whose == "everybody" and not may_manage(person, get_account(person)):
        raise PermissionDenied
    is_on = request.POST.get("is_on") == "on"
    choose(account=get_account(person), person=person if whose == "mine" else None, is_on=is_on, by=person)
    say_done(request, str(RECORDED[whose, is_on]))
    # A switch is turned with a script, which takes its section out of the pane.
    return show_settings(request) if is_fragment_asked(request) else redirect("phone_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def one_device_settings(request: HttpRequest) -> HttpResponseBase:
    """Whether only one of a person's browsers rings: the one in which they say so."""
    person = get_user(request)
    if request.method != "POST":
        return redirect("phone_settings")
    is_on = request.POST.get("is_on") == "on"
    change_one_device(
        get_account(person),
        person,
        is_on=is_on,
        page_session=parse_uuid(request.POST.get("page_session")),
        client=get_client_info(request),
    )
    say_done(request, str(ONE_DEVICE[is_on]))
    return show_settings(request) if is_fragment_asked(request) else redirect("phone_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def number_rules(request: HttpRequest, number_id: int) -> HttpResponseBase:
    """Who answers one number: shown, and changed by whoever has credentials of their own on the account."""
    person = get_user(request)
    account = get_account(person)
    number = get_object_or_404(PhoneNumber, pk=number_id, account=account, kind=PhoneNumber.Kind.OWNED)
    rules = find_rules(account, number.phone_number) or NumberRules(
        account=account, phone_number=number.phone_number
    )
    members = list(User.objects.filter(is_active=True, membership__account=account).order_by("email"))
    if request.method == "POST" and not may_manage(person, account):
        raise PermissionDenied
    posted = request.POST.copy() if request.method == "POST" else None
    form = NumberForm(posted, person=person, number=number, rules=rules, members=members)
    if posted is not None and form.is_valid():
        try:
            change_rules(
                account=account,
                phone_number=number.phone_number,
                person=person,
                seen=form.cleaned_data["seen"],
                cleaned=form.cleaned_data,
            )
        except ChangedMeanwhile as changed:
            rules = changed.rules
            refuse_stale(form, rules)
            posted["seen"] = build_seen(rules)
        else:
            say_done(request, _("Who answers {number} is saved.").format(number=number.phone_number))
            return redirect("phone_settings")
    context = {
        "title": _("Who answers {number}").format(number=number.phone_number),
        "link": "phone_settings",
        "number": number,
        "rules": rules,
        "form": form,
        "may_manage": may_manage(person, account),
    }
    status = 200 if posted is None else 422
    return TemplateResponse(request, "phone/number_rules.html", context, status=status)


def refuse_stale(form: NumberForm, rules: NumberRules) -> None:
    """The form keeps what was typed; saved once more, it goes over what the other has set."""
    words = _(
        "{name} has changed this number while you did, at {time}. Nothing is saved"
        " yet: save again to put what is below in place of it, or open the settings anew to see it."
    )
    name = rules.changed_by.display_name if rules.changed_by else _("Somebody")
    form.add_error(None, words.format(name=name, time=f"{timezone.localtime(rules.changed_at):%H:%M %Z}"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_greeting_sound(request: HttpRequest) -> HttpResponse:
    """A person's own recorded greeting; a POST, whose body is a WAV file, puts another in its place.

    413: too long; 422: not a recording that can be played; 429: too many.
    """
    person = get_user(request)
    account = get_account(person)
    if request.method != "POST":
        sound = get_object_or_404(GreetingSound.objects.kept(), user=person)
        return HttpResponse(bytes(sound.content), content_type="audio/wav")
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        return refuse_sound(
            413, _("The recording is longer than {seconds} seconds.").format(seconds=MOST_SECONDS)
        )
    if RECORDINGS.take(str(person.pk)):
        return refuse_sound(429, _("These are very many recordings. Please wait a few minutes."))
    try:
        content, seconds = read_sound(get_body(request))
    except BadSound as error:
        return refuse_sound(422, str(error))
    before = change_sound(account, person, content, seconds)
    undo = reverse("greeting_sound_undo", args=[before.pk]) if before else ""
    say_done(request, _("The greeting is recorded. Callers hear it from now on."), undo=undo)
    response = JsonResponse({"seconds": round(seconds)})
    put_toasts(request, response)
    return response


def refuse_sound(status: int, words: str) -> JsonResponse:
    return JsonResponse({"cause": "refused_here", "words": words, "remedy": ""}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_greeting_sound(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        person = get_user(request)
        if sound := remove_sound(get_account(person), person):
            words = _("The recording is deleted. Callers hear the written greeting.")
            say_done(request, words, undo=reverse("greeting_sound_undo", args=[sound.pk]))
    return redirect("phone_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def greeting_sound_undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Takes back that a recording was deleted, or replaced."""
    if request.method == "POST":
        person = get_user(request)
        if have_sound_back(get_account(person), person, pk):
            say_done(request, _("The recording is back. Callers hear it again."))
        else:
            messages.error(request, _("That recording is gone for good. Record the greeting once more."))
    return redirect("phone_settings")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def do_not_disturb(request: HttpRequest) -> JsonResponse:
    """`{"is_on": bool}`; a POST with `is_on` true or false turns the switch."""
    person = get_user(request)
    if request.method == "POST":
        is_on = SWITCHES.get(request.POST.get("is_on", ""))
        if is_on is None:
            words = "Do not disturb was not changed: is_on is true or false."
            return JsonResponse({"cause": "refused_here", "words": words, "remedy": ""}, status=422)
        change_do_not_disturb(get_account(person), person, is_on=is_on)
    return JsonResponse({"is_on": is_do_not_disturb(person)})


@never_cache
@login_required
@require_POST
def voicemail_deed(request: HttpRequest, call_sid: str) -> JsonResponse:
    """Sends the caller of a call that rings for this person to voicemail: `{"call": CallState}`."""
    person = get_user(request)
    part = find_part(person, call_sid)
    try:
        send_to_voicemail(part)
    except NotSent as refusal:
        return JsonResponse(refusal.as_json(), status=refusal.status)
    return JsonResponse({"call": describe_part(find_part(person, call_sid))})


def find_part(person: User, call_sid: str) -> Part:
    """Theirs in a call that rings, or rang, for them."""
    part = get_part(person, call_sid) if CALL_SID.fullmatch(call_sid) else None
    if part is None or not part.call.rung.filter(pk=person.pk).exists():
        raise Http404
    return part


def get_account(person: User) -> TwilioAccount:
    account = TwilioAccount.objects.filter(memberships__user=person).first()
    if account is None:
        raise Http404
    return account
