"""The sentences of a test of the connection, and what the page is handed of them."""

import json
import re

from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.texts import CHECKS, COMMON, build_page_texts


def test_every_line_may_be_good_and_what_is_bad_always_says_one_thing_to_do() -> None:
    for slug, check in CHECKS.items():
        results = [finding.result for finding in check.findings.values()]
        assert "good" in results, slug
        for name, finding in check.findings.items():
            assert finding.words.endswith("."), name
            assert bool(finding.remedy) or finding.result != "bad", f"{slug} {name}"
            assert "{value}" not in finding.words or check.unit, f"{slug} {name}"
        assert not check.findings.keys() & COMMON.keys(), slug


def test_no_sentence_blames_what_the_person_typed() -> None:
    blaming = re.compile(r"password|credential|Auth Token|secret|wrong", re.IGNORECASE)
    assert not blaming.search(build_page_texts())


def test_the_page_is_handed_every_line_with_all_that_it_may_come_to() -> None:
    texts = json.loads(build_page_texts())
    assert list(texts) == list(CHECKS)
    assert texts["loss"]["findings"]["high"]["result"] == "bad"
    assert texts["path"]["findings"]["stopped"]["result"] == "unknown"


def test_a_row_tells_each_line_with_its_figure_and_leaves_out_what_nobody_knows_any_more() -> None:
    lines = [
        {"check": "loss", "finding": "high", "value": 12.5},
        {"check": "path", "finding": "udp"},
        {"check": "gone", "finding": "ok"},
        {"check": "socket", "finding": "gone"},
    ]
    test = ConnectionTest(lines=lines, bad=1)
    assert test.describe_lines() == [
        ("Lost sound", "bad", "12.5 % of the sound is lost on its way: words may drop out."),
        ("Way of the sound", "good", "Straight to Twilio, by UDP."),
    ]
    assert test.sum == "1 of 4 bad"
    assert ConnectionTest(lines=lines[1:2], bad=0).sum == "all good"
    assert ConnectionTest(lines=[{"check": "media", "finding": "stopped"}], bad=0).sum.startswith(
        "nothing bad"
    )
