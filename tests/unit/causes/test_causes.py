"""The table of causes: whole, in words, and the same on the page."""

import json
import string
from pathlib import Path

import pytest

from phone.causes.cause import SLUGS, build_cause, build_page_causes
from phone.causes.texts import LINKS, TEXTS, VARIANTS

PAGE_CAUSES = Path(__file__).parents[2] / "js" / "page-causes.json"

# The table of the contract.
OF_CONTRACT = (
    "answered busy declined no_answer canceled answered_elsewhere missed nobody_available do_not_disturb "
    "voicemail invalid_number number_unreachable number_blocked country_not_allowed caller_id_refused "
    "refused_here trial_limit concurrency_limit voice_disabled account_not_active twiml_app_missing "
    "webhook_failed microphone_denied microphone_missing media_blocked connection_lost twilio_unavailable "
    "unclear"
)
# Nobody has done anything wrong.
BLAMELESS = {
    *(
        "answered",
        "answered_elsewhere",
        "missed",
        "nobody_available",
        "do_not_disturb",
        "voicemail",
        "unclear",
    ),
}


def test_the_table_has_every_cause_of_the_contract_and_no_other() -> None:
    assert set(SLUGS) == set(OF_CONTRACT.split())
    assert {slug for slug, _ in VARIANTS} <= set(SLUGS)


def test_an_alarm_is_only_what_is_ours() -> None:
    assert {slug for slug, text in TEXTS.items() if text.is_alarm} == {"twiml_app_missing", "webhook_failed"}
    assert all(text.side == "ours" for text in TEXTS.values() if text.is_alarm)


def test_nobody_is_blamed_where_there_is_no_blame() -> None:
    assert {slug for slug, text in TEXTS.items() if text.side == "nobody"} == BLAMELESS


EVERY = [(slug, "") for slug in SLUGS] + list(VARIANTS)


@pytest.mark.parametrize(("slug", "variant"), EVERY)
def test_every_cause_is_said_in_whole_sentences_even_where_no_fact_is_known(slug: str, variant: str) -> None:
    cause = build_cause(slug, variant)
    assert cause.title
    for sentence in filter(None, (cause.words, cause.remedy, cause.heard)):
        assert sentence[0] in string.ascii_uppercase + "“", sentence
        assert sentence[-1] == ".", sentence
        assert not set("{}") & set(sentence), sentence
    assert cause.words
    assert cause.heard
    assert cause.link == "" or cause.link_name == LINKS[cause.link]


@pytest.mark.parametrize(("slug", "variant"), EVERY)
def test_whose_fault_needs_mending_has_something_to_do(slug: str, variant: str) -> None:
    if TEXTS[slug].side in ("account", "network", "twilio") or TEXTS[slug].is_alarm:
        assert build_cause(slug, variant).remedy


def test_facts_stand_in_the_words_whatever_they_hold() -> None:
    assert (
        build_cause("declined", name="{name} & <b>Bob</b>").words == "{name} & <b>Bob</b> declined the call."
    )
    assert build_cause("declined", name="").words == "They declined the call."


def test_a_cause_of_another_version_speaks_for_itself() -> None:
    assert build_cause("line_cut_by_mice").words == "Line cut by mice"
    assert build_cause("busy", "no such variant").words == "The line is busy."


def test_the_page_has_the_same_table() -> None:
    assert json.loads(PAGE_CAUSES.read_text()) == build_page_causes()
