"""Why a call is over is told to each in their language, whoever's request found it out."""

from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Answer
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.causes.cause import SLUGS, build_cause
from phone.causes.describing import describe_cause
from phone.causes.texts import TEXTS, VARIANTS
from phone.in_call.refusals import read_failure
from tests.conftest import signed_in
from tests.webhook_requests import add_number, build_call_sid, make_member, post

EVERY = [(slug, "") for slug in SLUGS] + list(VARIANTS)


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice is spoken to in German, Bob in English."""
    alice.language = "de"
    alice.save()
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_NUMBER)
    return account


def dial(account: TwilioAccount, caller: User, to: str) -> str:
    """What the caller hears."""
    document = ElementTree.fromstring(
        post("voice_webhook", account, From=f"client:{caller.identity}", To=to).content
    )
    return document.findtext("Say") or ""


def read_ending(client: Client) -> dict[str, str]:
    answer: dict[str, str] = client.get(reverse("call_ending", args=[build_call_sid()])).json()
    return answer


@pytest.mark.parametrize(("slug", "variant"), EVERY)
def test_a_cause_is_said_in_the_language_of_whoever_reads_it(slug: str, variant: str) -> None:
    cause = build_cause(slug, variant)
    english = (cause.title, cause.words, cause.remedy)
    with override("de"):
        german = (cause.title, cause.words, cause.remedy)
        heard = cause.heard
    for in_english, in_german in zip(english, german, strict=True):
        assert bool(in_english) == bool(in_german) and (not in_english or in_english != in_german)
        assert not set("{}") & set(in_german)
    assert (cause.title, cause.words, cause.remedy) == english
    # The telephone speaks as it did.
    assert heard == cause.heard
    assert heard[-1] == "."


def test_a_fact_that_is_a_word_is_said_in_it_too() -> None:
    declined = build_cause("declined")
    with override("de"):
        assert declined.words == "Die Gegenseite hat den Anruf abgelehnt."
    assert declined.words == "They declined the call."
    assert all(str(fact) for text in TEXTS.values() for fact in text.defaults.values())


@pytest.mark.parametrize(
    ("dialled", "heard", "read"),
    [
        (
            "911",
            "This phone cannot make emergency calls. Please use another phone.",
            "Dieses Telefon kann keine Notrufe absetzen. Bitte nehmen Sie ein anderes.",
        ),
        (
            "+49 30 1",
            "This is not a phone number that can be called: it is too short for +49 (Germany). "
            "The area code is missing, or digits at the end.",
            "Diese Nummer kann nicht angerufen werden: Sie ist zu kurz für +49 (Deutschland). "
            "Die Ortsvorwahl fehlt oder Ziffern am Ende.",
        ),
        (
            "Alice",
            "That is you. You cannot call yourself.",
            "Das sind Sie. Sie können sich nicht selbst anrufen.",
        ),
    ],
)
def test_a_refusal_is_heard_as_ever_and_read_in_ones_own_language(
    account: TwilioAccount, alice: User, dialled: str, heard: str, read: str
) -> None:
    assert dial(account, alice, dialled) == heard
    call = Call.objects.get()
    # What was heard is kept as it was heard; what is read is made anew of the reason.
    assert call.ending == heard
    assert read not in str(call.cause_facts) and heard not in str(call.cause_facts)
    assert read_ending(signed_in(alice))["words"] == read
    assert describe_cause(call).words == heard
    typed = signed_in(alice).post(reverse("whom"), {"typed": dialled}).json()
    assert typed["refusal"] == read


def test_a_call_that_was_kept_with_its_sentence_alone_says_that_sentence(
    account: TwilioAccount, alice: User
) -> None:
    dial(account, alice, "911")
    call = Call.objects.get()
    call.cause_facts.pop("said")
    call.save()
    assert read_ending(signed_in(alice))["words"] == call.ending


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"country_code": "CU"}, "Für Kuba sind Anrufe in diesem Twilio-Konto nicht freigeschaltet."),
        # As it was kept while facts were words.
        ({"country": "Cuba"}, "Für Cuba sind Anrufe in diesem Twilio-Konto nicht freigeschaltet."),
    ],
)
def test_a_country_is_named_as_whoever_reads_calls_it(
    account: TwilioAccount, alice: User, kept: dict[str, str], words: str
) -> None:
    call = make_failed(account, alice, "country_not_allowed", kept)
    assert read_ending(signed_in(alice))["words"] == words
    assert "Calls to Cuba are not switched on" in describe_cause(call).words


@pytest.mark.parametrize("where", ["", "Dog n Bone's own server"])
def test_our_own_server_is_called_so_in_each_language(
    account: TwilioAccount, alice: User, where: str
) -> None:
    call = make_failed(account, alice, "webhook_failed", {"where": where})
    assert read_ending(signed_in(alice))["words"].startswith("Twilio hat die Adresse von Dog n Bone gefragt,")
    assert describe_cause(call).words.startswith("Twilio asked Dog n Bone's own server what to do")


def make_failed(account: TwilioAccount, caller: User, cause: str, facts: dict[str, str]) -> Call:
    return Call.objects.create(
        account=account,
        call_sid=build_call_sid(),
        direction="outgoing",
        user=caller,
        from_address=f"client:{caller.identity}",
        to_address="+5355512345",
        status="failed",
        cause=cause,
        cause_facts={"told": {"variant": "", "facts": facts}},
    )


def test_a_colleague_who_declines_is_told_of_to_each_in_theirs(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    call = make_failed(account, alice, "declined", {})
    Call.objects.filter(pk=call.pk).update(to_address=f"client:{bob.identity}")
    call.rung.add(bob)
    assert read_ending(signed_in(alice))["words"] == "Bob hat den Anruf abgelehnt."
    call.refresh_from_db()
    assert describe_cause(call).words == "Bob declined the call."


def test_what_twilio_refuses_in_a_thread_of_its_own_is_said_in_the_language_of_whoever_asked() -> None:
    answer = Answer(status=400, code=21216, sender="twilio")
    with override("de"), ThreadPoolExecutor(1) as threads:
        # A thread speaks no language of its own.
        refused = threads.submit(read_failure, answer).result()
        assert refused.as_json()["words"].startswith("Twilio stellt Anrufe an diese Nummer nicht durch")
    assert refused.as_json()["words"].startswith("Twilio does not put calls through to that number")
