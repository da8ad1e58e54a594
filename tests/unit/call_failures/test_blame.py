"""Which ends of a call are failures, and who has to do something about them."""

import pytest

from phone.call_failures.blame import (
    DEAD_ACCOUNTS,
    DISPROVABLE,
    FAILURES,
    GOT_THROUGH,
    OURS,
    TO_MEND,
    WHOSE,
    find_causes,
    get_remedy,
    get_side,
    list_causes_of,
    list_failures,
)
from phone.causes.cause import SLUGS, build_cause

FINE = {
    *("answered", "answered_elsewhere", "missed", "nobody_available", "do_not_disturb", "voicemail"),
}
NOT_TO_MEND = {
    *("busy", "declined", "no_answer", "canceled", "invalid_number", "number_unreachable", "refused_here"),
    *("microphone_denied", "microphone_missing"),
}


def test_every_end_is_fine_or_a_failure_and_every_failure_is_somebodys() -> None:
    assert set(SLUGS) - FAILURES == FINE
    assert FAILURES - TO_MEND == NOT_TO_MEND
    assert sorted(slug for side in WHOSE for slug in list_causes_of(side)) == sorted(FAILURES)
    assert [slug for slug, _ in list_failures()] == [slug for slug in SLUGS if slug in FAILURES]


def test_what_alarms_is_ours_or_a_dead_account_and_a_call_disproves_it() -> None:
    assert {"webhook_failed", "twiml_app_missing"} == OURS
    assert {"account_not_active", "voice_disabled"} == DEAD_ACCOUNTS
    assert DISPROVABLE == OURS | DEAD_ACCOUNTS
    assert not GOT_THROUGH & TO_MEND


@pytest.mark.parametrize("slug", sorted(TO_MEND))
def test_what_is_to_be_mended_has_a_remedy_that_an_administrator_can_follow(slug: str) -> None:
    remedy = get_remedy(build_cause(slug))
    assert remedy
    assert "Tell the people who run" not in remedy


def test_a_cause_of_a_former_version_is_nobodys_known() -> None:
    assert get_side("some_former_cause") in WHOSE


def test_causes_are_found_by_slug_and_by_title() -> None:
    assert find_causes("busy") == ["busy"]
    assert find_causes("instructions") == ["webhook_failed"]
    assert find_causes("zz") == []
