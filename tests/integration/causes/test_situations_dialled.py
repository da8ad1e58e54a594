"""Every number of the rehearsal panel and others, dialled at the fake's gateway: each has its true cause.

`demo/call_rehearsals.py` says what each comes to, and `judge` that nobody else is blamed for it. The fake's
seeds choose other statuses for the same answers, other words, and another order of callbacks.
"""

import pytest

from accounts.people import User
from fake_twilio import catalogue
from tests.fake_control import FakeTwilio
from tests.integration.causes.callers import REHEARSED, Play, ToCall, call_all, judge, of_panel

SEEDS = (1, 4, 7)
# Those that take two phones have scenes in `test_situations_spoilt.py`; half a minute of ringing is waited
# for by nobody, and is in `test_situations_unplayed.py`.
ELSEWHERE = {"call-colleague-declines", "call-nobody", "call-no-answer"}
DIALLED = [one for one in REHEARSED.values() if one.dials and not one.is_begun and one.slug not in ELSEWHERE]
# What a seed varies: what the far end answers, and what Twilio's log is asked for.
VARIED = [one for one in DIALLED if "SIP" in one.what or one.slug in ("call-geo", "call-premium")]
MORE = [
    ToCall("a satellite telephone", "+881631234567", "country_not_allowed"),
    ToCall("a number of nobody's", "+12025550105", "number_unreachable"),
    ToCall("another emergency number", "999", "refused_here:emergency"),
    ToCall("Europe's emergency number", "112", "refused_here:emergency"),
    ToCall("too many digits", "+120255501999999", "invalid_number:typed"),
    ToCall("no such country", "+9990000000", "invalid_number:typed"),
    ToCall("an address of SIP", "sip:somebody@example.com", "refused_here:sip"),
    ToCall("oneself", "alice@example.com", "refused_here:yourself"),
    ToCall(
        "a number from which keys are pressed", catalogue.KEYPAD_NUMBER, "answered:hung_up", "answer", 0.5
    ),
    ToCall("a machine", catalogue.MACHINE_NUMBER, "answered:hung_up", "answer", 0.3),
    ToCall("given up before a declining one declines", catalogue.SLOW_NUMBER, "canceled", "ringing", 0.1),
    ToCall("one's own company, where nobody is there", catalogue.DEMO_NUMBER, "canceled", "ringing", 0.2),
]


def test_each_number_of_the_panel_ends_as_it_is_listed(play: Play, alices_token: str, alice: User) -> None:
    wanted = [*map(of_panel, DIALLED)]
    words = judge(alice, wanted, call_all(play, alices_token, wanted))
    assert words == {one.title: one.expected for one in DIALLED}


def test_what_else_can_be_dialled(play: Play, alices_token: str, alice: User) -> None:
    judge(alice, MORE, call_all(play, alices_token, MORE))


@pytest.mark.parametrize("seed", SEEDS)
def test_other_statuses_words_and_orders_come_to_the_same(
    play: Play, alices_token: str, alice: User, fake_twilio: FakeTwilio, seed: int
) -> None:
    fake_twilio.control("POST", "variation", seed=seed)
    wanted = [*map(of_panel, VARIED)]
    judge(alice, wanted, call_all(play, alices_token, wanted), suffix=f" (seed {seed})")
