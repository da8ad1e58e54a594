"""Who can reach what Twilio calls: only what one account signed, at that account's own address."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from fake_twilio import catalogue
from phone.answering.greetings import sign_sound
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.sound import sign
from tests.fake_control import FakeTwilio
from tests.integration.reach.addresses import list_webhooks
from tests.integration.reach.cast import Cast, ask, make_cast, undone
from tests.integration.reach.tables import compare
from tests.integration.recordings.stock import run_sounds
from tests.webhook_requests import DEMO_SID, DEMO_TOKEN, build_call_sid, post

OTHER_TOKEN = catalogue.auth_token("other")


@pytest.fixture
def cast(db: None, fake_twilio: FakeTwilio) -> Cast:
    return make_cast()


def test_what_twilio_calls_answers_as_the_table_says(cast: Cast, settings: Any) -> None:
    rows, fake = [], settings.TWILIO_BASE_URL
    for pattern, name in list_webhooks():
        signed = SIGNED_ADDRESSES.get(name)
        words = ask_for_sound(cast, settings, name, *signed(cast)) if signed else ask_as_twilio(cast, name)
        settings.TWILIO_BASE_URL = fake
        rows.append((f"`/{pattern}`", *words))
    compare("What Twilio calls", rows)


def ask_as_twilio(cast: Cast, name: str) -> list[str]:
    """Unsigned, with a person's sign-in, signed by another company, of another company, and genuine."""
    path = reverse(name, args=[cast.account.webhook_key])
    params = {"CallSid": cast.of_member.call.call_sid, "AccountSid": DEMO_SID}
    others = catalogue.account_sid("other")
    words = [ask(cast, who, "POST", path, params).word for who in (None, cast.owner)]
    for fields in ({"auth_token": OTHER_TOKEN}, {"AccountSid": others}, {"auth_token": DEMO_TOKEN}):
        with undone():
            words.append(
                str(post(name, cast.account, **{**params, "From": "+1", "To": "+1", **fields}).status_code)
            )
    return words


def ask_for_sound(cast: Cast, settings: Any, name: str, genuine: list[Any], others: list[Any]) -> list[str]:
    """The same of an address that is itself signed: with a made-up signature, another's, and its own."""
    made_up, theirs, own = (
        reverse(name, args=args) for args in ([*genuine[:-1], "made-up"], others, genuine)
    )
    words = [ask(cast, who, "GET", made_up).word for who in (None, cast.owner)]
    with run_sounds() as sounds:
        settings.TWILIO_BASE_URL = sounds.url
        words += [ask(cast, None, "GET", path).word for path in (theirs, theirs, own)]
    return words


def name_greeting(cast: Cast) -> tuple[list[Any], list[Any]]:
    key, sound = cast.account.webhook_key, cast.of_member.greeting.pk
    others = cast.other.membership.account
    return [key, sound, sign_sound(cast.account, sound)], [key, sound, sign_sound(others, sound)]


def name_echo(cast: Cast) -> tuple[list[Any], list[Any]]:
    test = EchoTest.objects.create(
        account=cast.account,
        user=cast.member,
        call_sid=build_call_sid("echo"),
        recording_sid="RE" + "1" * 32,
        is_recorded=True,
    )
    key, others = cast.account.webhook_key, cast.other.membership.account.webhook_key
    return [key, test.pk, sign(key, test.pk)], [key, test.pk, sign(others, uuid.UUID(int=1))]


SIGNED_ADDRESSES = {"greeting_sound": name_greeting, "echo_test_sound": name_echo}
