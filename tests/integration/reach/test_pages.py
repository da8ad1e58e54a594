"""Who can reach which page: every address, asked by everybody, beside the table in `docs/security.md`."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as current
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.company.memberships import Membership, RefusedMember
from accounts.twilio.credentials import TwilioCredentials
from phone.in_call.deeds import DEEDS
from phone.waking.vapid import make_vapid_key
from tests.fake_control import FakeTwilio
from tests.integration.answering.test_settings import build_form
from tests.integration.reach.addresses import list_pages
from tests.integration.reach.cast import CALLER, Answer, Cast, Things, ask, make_cast, undone
from tests.integration.reach.tables import compare
from tests.integration.recordings.stock import run_sounds

# For what an address asks, by its name: it belongs to whoever is meant by “whose it is”.
ASKED_FOR: dict[str, Callable[[Cast, Things], list[Any]]] = {
    "duplicates_undo": lambda cast, own: [own.apart],
    "one_contact": lambda cast, own: [own.contact.pk],
    "edit_contact": lambda cast, own: [own.contact.pk],
    "contact_favourite": lambda cast, own: [own.contact.pk],
    "contact_delete": lambda cast, own: [own.contact.pk],
    "contact_undo": lambda cast, own: [own.deleted.pk],
    "contact_import": lambda cast, own: [own.contact_import.pk],
    "one_call": lambda cast, own: [own.call.pk],
    "call_note": lambda cast, own: [own.call.call_sid],
    "call_ending": lambda cast, own: [own.call.call_sid],
    "call_deed": lambda cast, own: [own.call.call_sid, "hold"],
    "voicemail_deed": lambda cast, own: [own.ringing.call_sid],
    "unblock_caller": lambda cast, own: [own.blocked.pk],
    "block_caller_again": lambda cast, own: [own.unblocked.pk],
    "number_rules": lambda cast, own: [cast.number.pk],
    "greeting_sound_undo": lambda cast, own: [own.greeting_before.pk],
    "recording_sound": lambda cast, own: [own.recording.pk],
    "voicemail_audio": lambda cast, own: [own.message.pk],
    "voicemail_delete": lambda cast, own: [own.message.pk],
    "voicemail_undo": lambda cast, own: [own.message.pk],
    "point_number_here": lambda cast, own: [cast.number.pk],
    "give_number_back": lambda cast, own: [cast.number.pk],
    **dict.fromkeys(
        ("member_rights", "take_phone_away", "hand_over_company", "accept_member", "refuse_member"),
        lambda cast, own: [own.person.membership.pk],
    ),
    "take_in_again": lambda cast, own: [cast.refused.pk],
    "send_invitation": lambda cast, own: [cast.invitation.pk],
    "take_invitation_back": lambda cast, own: [cast.invitation.pk],
    "join_company": lambda cast, own: ["a-token-that-nobody-was-sent"],
    "mfa_edit_webauthn": lambda cast, own: [make_passkey(own)],
    "mfa_remove_webauthn": lambda cast, own: [make_passkey(own)],
    "account_confirm_email": lambda cast, own: ["a-key-that-nobody-was-sent"],
    "account_reset_password_from_key": lambda cast, own: ["1", "a-key-that-nobody-was-sent"],
}
# What is sent, where an address would do nothing without it, or refuse it before looking at who sends it.
SENT: dict[str, Callable[[Things], dict[str, Any]]] = {
    "new_contact": lambda own: {"name": "Somebody new"},
    "edit_contact": lambda own: {"name": "Renamed"},
    "contact_favourite": lambda own: {"is_on": "on"},
    "duplicate_contacts": lambda own: {"contact": [f"{one.pk} " for one in own.pair], "apart": ""},
    "one_call": lambda own: {"note": "Written"},
    "call_note": lambda own: {"note": "Written"},
    "contacts_import": lambda own: {"file": SimpleUploadedFile("a.csv", b"Name,Phone\nX,+442079460000\n")},
    "blocked_callers": lambda own: {"caller": "+442079460001", "whose": "everybody"},
    "calling_limits": lambda own: {"calls_at_once": "1", "hours": "always"},
    "calling_limits_country": lambda own: {"code": "FR", "is_allowed": "on"},
    "settings_greeting": lambda own: {"text": "Hello.", "language": "en-GB"},
    "settings_home_country": lambda own: {"home_country": "GB"},
    "settings_language": lambda own: {"language": "de"},
    "number_rules": lambda own: build_form(),
    "do_not_disturb": lambda own: {"is_on": "true"},
    "use_here": lambda own: {"page_session": str(uuid.UUID(int=1))},
    "recording_settings": lambda own: {"whose": "everybody", "is_on": "on"},
    "one_device_settings": lambda own: {"is_on": "on"},
    "whom": lambda own: {"typed": own.person.name},
    "name": lambda own: {"name": "Another name", "home_country": "GB", "language": ""},
}
# Where the answer is Twilio's: what it would be asked for is not there at the fake.
SOUNDS = ("recording_sound", "voicemail_audio")


@pytest.fixture
def cast(db: None, fake_twilio: FakeTwilio, settings: Any) -> Cast:
    settings.METRICS_TOKEN = "only for this test"
    settings.VAPID_PRIVATE_KEY = make_vapid_key()
    return make_cast()


def test_every_page_answers_everybody_as_the_table_says(cast: Cast, settings: Any) -> None:
    rows, leaks = [], []
    for pattern, name in list_pages():
        methods: dict[tuple[str, ...], list[str]] = {}
        for method in ("GET", "POST"):
            answers = {title: ask_for(cast, name, method, title, settings) for title in cast.people}
            words = tuple(answer.word for answer in answers.values())
            # A method that nobody gets further with than to hear that it is none is left out.
            if set(words) - {"405", "login", "connect"} or "405" not in words:
                methods.setdefault(words, []).append(method)
            leaks += [
                f"{title}: {method} /{pattern} tells {secret}"
                for title, answer in answers.items()
                for secret in cast.list_secret(title)
                if secret in answer.text
            ]
        rows += [(f"`/{pattern}`", " ".join(asked), *words) for words, asked in methods.items()]
    assert leaks == []
    compare("Pages", rows)


def ask_for(cast: Cast, name: str, method: str, title: str, settings: Any) -> Answer:
    who = cast.people[title]
    own = cast.of_limited if who == cast.limited else cast.of_member
    path = reverse(name, args=ASKED_FOR[name](cast, own) if name in ASKED_FOR else [])
    sent = SENT[name](own) if method == "POST" and name in SENT else None
    if name not in SOUNDS:
        answer = ask(cast, who, method, path, sent)
        # No browser has it: only its name can be asked for.
        Authenticator.objects.all().delete()
        return answer
    before = settings.TWILIO_BASE_URL
    with run_sounds() as sounds:
        settings.TWILIO_BASE_URL = sounds.url
        answer = ask(cast, who, method, path, sent)
    settings.TWILIO_BASE_URL = before
    return answer


def make_passkey(own: Things) -> int:
    kind, data = Authenticator.Type.WEBAUTHN, {"name": "A key", "credential": {}}
    return Authenticator.objects.create(user=own.person, type=kind, data=data).pk


def test_nothing_is_done_for_a_form_of_another_site(cast: Cast) -> None:
    """Of each page that takes a form: without the token, nobody gets past the door."""
    reached = {}
    for pattern, name in list_pages():
        arguments = ASKED_FOR[name](cast, cast.of_member) if name in ASKED_FOR else []
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.cookies[current.SESSION_COOKIE_NAME] = cast.cookies[cast.member.pk]
        cache.clear()
        with undone():
            sent = SENT[name](cast.of_member) if name in SENT else {}
            answer = client.post(reverse(name, args=arguments), sent)
        if answer.status_code not in (403, 405):
            reached[pattern] = answer.status_code
    assert reached == {}


def test_no_deed_is_done_to_somebody_elses_call(cast: Cast) -> None:
    for deed in DEEDS:
        path = reverse("call_deed", args=[cast.of_member.call.call_sid, deed])
        for who in (cast.owner, cast.limited, cast.other, cast.stranger, cast.admin):
            assert (deed, who, ask(cast, who, "POST", path, {"to": CALLER}).word) == (deed, who, "404")


def test_ids_of_another_company_inside_a_form_are_none(cast: Cast) -> None:
    """What a form names is looked for among what its sender may see."""
    own = cast.of_member
    theirs = [f"{one.pk} " for one in own.pair]
    for sent in ({"contact": theirs}, {"contact": theirs, "apart": ""}):
        answer = ask(cast, cast.other, "POST", reverse("duplicate_contacts"), sent)
        assert answer.word == "422"
    their_number = cast.other.membership.account.phone_numbers.filter(kind="owned").first()
    chosen = build_form(who="chosen", people=[str(cast.member.pk)])
    answer = ask(cast, cast.other, "POST", reverse("number_rules", args=[their_number.pk]), chosen)
    assert answer.word == "422"
    typed = {"typed": cast.member.email, "call_from": cast.number.phone_number}
    answer = ask(cast, cast.other, "POST", reverse("whom"), typed)
    assert '"to": ""' in answer.text


def test_whoever_the_owner_has_refused_reaches_nothing_of_the_company(cast: Cast) -> None:
    """They have proven the account themselves, and are of no company (decision 38)."""
    TwilioCredentials.objects.filter(user=cast.other).update(account=cast.account)
    Membership.objects.filter(user=cast.other).update(account=None, role="member")
    RefusedMember.objects.create(account=cast.account, user=cast.other)
    shared = ("number_rules", "calling_limits", "phone_settings", "blocked_callers", "colleagues", "contacts")
    for name in (*shared, "calling_limits_country", "calling_limits_release"):
        path = reverse(name, args=ASKED_FOR[name](cast, cast.of_member) if name in ASKED_FOR else [])
        for method in ("GET", "POST"):
            answer = ask(cast, cast.other, method, path, SENT.get(name, lambda own: {})(cast.of_member))
            told = [one for one in (cast.owner.email, cast.member.email) if one in answer.text]
            assert (name, method, told) == (name, method, [])
            if name.startswith(("number_rules", "calling_limits")):
                assert answer.word in ("403", "404"), (name, method)
