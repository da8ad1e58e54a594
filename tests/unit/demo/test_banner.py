import os
import subprocess
import sys

import pytest

from demo.banner import build_banner
from demo.credentials import GROUPS, build_list, get_fields
from fake_twilio import catalogue
from fake_twilio.situations import SITUATIONS

URL, FAKE_URL = "http://localhost:8000", "http://127.0.0.1:8001"
COLUMNS = 80


@pytest.mark.parametrize("fake_url", [FAKE_URL, ""])
def test_the_banner_is_a_dozen_lines_of_a_terminals_width(fake_url: str) -> None:
    lines = [line for line in build_banner(URL, fake_url).splitlines() if line]
    assert len(lines) <= 12
    assert max(map(len, lines)) <= COLUMNS


def test_the_banner_says_where_who_whom_to_call_and_how_to_end_it() -> None:
    banner = build_banner(URL, FAKE_URL)
    for word in (
        f"ready at {URL}",
        f"{URL}/admin/",
        f"{URL}/rehearsal/",
        f"{FAKE_URL}/",
        "make credentials",
        "alice@example.com",
        "bob@example.com",
        "admin@example.com",
        "dog-and-bone",
        catalogue.ECHO_NUMBER,
        catalogue.DEMO_NUMBER,
        "Ctrl-C",
    ):
        assert word in banner, word


def test_no_credential_is_in_the_banner() -> None:
    banner = build_banner(URL, FAKE_URL)
    for situation in SITUATIONS:
        assert not any(value in banner for label, value in get_fields(situation) if label != "Region")


def test_without_a_fake_there_is_nobody_to_call_and_nothing_to_rehearse() -> None:
    banner = build_banner(URL, "")
    assert "no Twilio account connected yet" in banner
    assert "rehearsal" not in banner
    assert catalogue.ECHO_NUMBER not in banner


def test_every_situation_of_the_fake_can_be_typed_from_the_list() -> None:
    listed = [situation for group in GROUPS for situation in group.situations]
    assert set(SITUATIONS) <= set(listed)
    assert {catalogue.account_sid(fault) for fault in catalogue.GATEWAY_FAULTS} <= {
        situation.account_sid for situation in listed
    }
    text = build_list()
    for situation in listed:
        typed = (
            situation.account_sid,
            situation.auth_token,
            situation.api_key_sid,
            situation.api_key_secret,
            situation.twiml_app_sid,
        )
        assert all(value in text for value in typed), situation.title
        assert situation.title in text


def test_a_value_of_the_list_stands_at_the_end_of_its_line_by_itself() -> None:
    ends = [line.split()[-1] for line in build_list().splitlines() if line.startswith("    ")]
    situation = GROUPS[1].situations[4]
    assert {situation.account_sid, situation.api_key_sid, situation.api_key_secret} <= set(ends)


def test_what_has_a_region_of_its_own_says_it_and_the_rest_does_not() -> None:
    regions = {one.region for group in GROUPS for one in group.situations}
    assert regions == {"us1", "ie1", "au1"}
    for group in GROUPS:
        for situation in group.situations:
            assert ("Region" in dict(get_fields(situation))) is (situation.region != "us1")


def test_whoever_reads_only_the_beginning_of_the_list_gets_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "demo.credentials"], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")
