"""Every verdict in German: with all that is filled into it, whenever and wherever it was built."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from accounts.regions import Region
from accounts.sealing.fields import Secret
from accounts.twilio.app_fitness import find_app_fault
from accounts.twilio.candidate import Candidate, find_malformed
from accounts.twilio.ladder import CheckResult, judge_clock
from accounts.twilio.news import SENTENCES, build_news, word
from accounts.twilio.pasted import read_pasted
from accounts.twilio.strays import MASKED
from accounts.verdicts.device_codes import DEVICE_CODES
from accounts.verdicts.device_rules import verdict_of_device_report
from accounts.verdicts.links import NAMES
from accounts.verdicts.rest_rules import REST_RULES
from accounts.verdicts.texts import ALLOW_MICROPHONE, TEXTS, UNREACHABLE_REASONS
from accounts.verdicts.verdict import (
    TwilioAnswer,
    Verdict,
    build_browser_verdicts,
    build_no_webrtc_verdict,
    build_unreachable_verdict,
    build_verdict,
    build_wrong_region_verdict,
    note_proof,
)
from accounts.verdicts.words import describe_verdict
from tests.german import find_english

AC, SK, AP = (prefix + "0123456789abcdef" * 2 for prefix in ("AC", "SK", "AP"))
TOKEN = "0123456789abcdef" * 2
OPAQUE = "Opaque0Secret1Opaque2Secret3Opaq"


def type_in(**typed: str) -> Candidate:
    """What somebody typed; secrets as they were typed."""
    for name in ("auth_token", "api_key_secret"):
        typed[name] = Secret(typed.get(name, ""))  # type: ignore[assignment]
    return Candidate(**{"account_sid": AC, **typed})  # type: ignore[arg-type]


MALFORMED = [
    {"account_sid": TOKEN, "auth_token": AC},
    {"api_key_sid": AP, "api_key_secret": OPAQUE, "twiml_app_sid": SK},
    {"auth_token": OPAQUE, "api_key_secret": TOKEN, "api_key_sid": AC},
    {"account_sid": TOKEN, "auth_token": TOKEN},
    {"account_sid": SK, "auth_token": TOKEN},
    {"account_sid": "PN" + TOKEN, "auth_token": TOKEN},
    {"account_sid": AC[:12], "auth_token": TOKEN},
    {"account_sid": AC[:6] + "O" + AC[7:12] + "l-zz" + AC[16:], "auth_token": TOKEN},
    {"account_sid": "A", "auth_token": TOKEN},
    {"account_sid": "АС" + TOKEN, "auth_token": TOKEN},  # noqa: RUF001
    {"account_sid": "", "auth_token": TOKEN},
    {"auth_token": "•" * 32},
    {"auth_token": TOKEN[:9] + "–" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + " " + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "“" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "５" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "☎" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + ":" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "\\" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "'" + TOKEN[9:]},
    {"auth_token": TOKEN[:9] + "O" + TOKEN[10:]},
    {"auth_token": TOKEN[:9] + "_" + TOKEN[10:]},
    {"auth_token": f"{TOKEN}:{TOKEN}"},
    {"auth_token": f"{TOKEN} {TOKEN}"},
    {"auth_token": f"Auth Token: {TOKEN[:-2]}"},
    {"auth_token": AC},
    {"auth_token": "MG" + TOKEN},
    {"auth_token": ""},
    {"api_key_sid": SK},
    {"api_key_secret": OPAQUE},
    {"auth_token": TOKEN, "api_key_sid": SK, "api_key_secret": TOKEN},
    {"auth_token": TOKEN, "region": "mars"},
    {"auth_token": TOKEN, "region": "one that is none at all"},
]


def list_verdicts() -> Iterator[Verdict]:
    yield from (build_verdict(slug) for slug in TEXTS)
    yield from (note_proof(build_verdict(slug)) for slug in TEXTS)
    yield from (build_unreachable_verdict(which) for which in (*UNREACHABLE_REASONS, "share"))
    yield from build_browser_verdicts().values()
    yield build_no_webrtc_verdict()
    yield build_wrong_region_verdict(region=Region.IE1, tried=Region.US1, twilio=TwilioAnswer())
    yield from (rule.build(TwilioAnswer()) for rule in REST_RULES)
    reports = [verdict_of_device_report(code=code, original_code=None, message="") for code in DEVICE_CODES]
    yield from filter(None, reports)
    for skew in (70.0, 90.0, 150.0, -7200.0):
        yield judge_clock(CheckResult(build_verdict("ok"), clock_skew_seconds=skew)).verdict
    yield describe_verdict("")
    for typed in MALFORMED:
        found = find_malformed(type_in(**typed))
        assert found is not None, typed
        yield found


def read(verdict: Verdict) -> str:
    return "\n".join(
        [
            verdict.title,
            verdict.explanation,
            verdict.remedy,
            verdict.link_name,
            *map(str, verdict.other_causes),
        ]
    )


def test_all_of_it_is_german_where_german_is_spoken() -> None:
    verdicts = list(list_verdicts())
    assert len({read(verdict) for verdict in verdicts}) > len(TEXTS) + len(MALFORMED)
    with override("de"):
        left = {line for verdict in verdicts for line in find_english(read(verdict))}
    assert left == set()


def test_what_is_built_in_german_is_english_again_for_whom_it_is_read_in_english() -> None:
    english = [read(verdict) for verdict in list_verdicts()]
    with override("de"):
        built = list(list_verdicts())
    assert [read(verdict) for verdict in built] == english


def test_what_a_thread_builds_is_said_in_the_language_of_whoever_reads_it() -> None:
    built: list[Verdict] = []
    thread = threading.Thread(target=lambda: built.extend(list_verdicts()))
    with override("de"):
        thread.start()
        thread.join()
        assert not any(find_english(read(verdict)) for verdict in built)


@pytest.mark.parametrize(("language", "words"), [("en", "Choose “Show”"), ("de", "zuerst „Show“")])
def test_a_hidden_value_is_to_be_shown_first_in_every_language(language: str, words: str) -> None:
    with override(language):
        found = find_malformed(type_in(auth_token="•" * 32))
        assert found is not None and words in found.remedy and str(MASKED) in found.explanation


def test_a_candidate_is_logged_in_english() -> None:
    with override("de"):
        assert "30 characters" in repr(type_in(account_sid=TOKEN[:30]))


OURS = "https://phone.example/voice"


@pytest.mark.parametrize(
    ("found", "method"),
    [
        ("", "POST"),
        ("http://[", "POST"),
        ("nowhere", "POST"),
        ("https://elsewhere.example/", "POST"),
        ("https://phone.example:8443/voice", "POST"),
        ("https://PHONE.example/voice", "POST"),
        ("http://phone.example/voice", "POST"),
        ("//phone.example/voice", "POST"),
        (OURS, "GET"),
        (f"{OURS}/", "POST"),
        (f"{OURS}/other", "POST"),
    ],
)
def test_what_is_wrong_with_an_app_is_german(settings: Any, found: str, method: str) -> None:
    settings.PUBLIC_URL = "https://phone.example"
    with override("de"):
        fault = find_app_fault({"voice_url": found, "voice_method": method}, OURS)
        verdict = build_verdict("twiml_app_misconfigured", fault=fault)
        assert fault and find_english(read(verdict)) == []


def test_what_was_done_at_twilio_is_german() -> None:
    facts = {"number": "+12025550199", "count": 2}
    with override("de"):
        told = [word(build_news(slug, **facts)) for slug in SENTENCES]
        assert [find_english(sentence) for sentence in told] == [[]] * len(SENTENCES)
        assert word("Kept by a former version.") == "Kept by a former version."


def test_what_was_left_out_is_german() -> None:
    with override("de"):
        notes = [
            note
            for typed in (f" {TOKEN}", f"\u200b{TOKEN}", f"\u200b\u200b{TOKEN}", f"token=({TOKEN})")
            for note in read_pasted(typed).notes("Auth Token")
        ]
        assert len(set(notes)) == 4 and not any(map(find_english, notes))


def test_links_and_ways_to_the_microphone_are_german() -> None:
    with override("de"):
        assert not any(find_english(str(text)) for text in (*NAMES.values(), *ALLOW_MICROPHONE.values()))
