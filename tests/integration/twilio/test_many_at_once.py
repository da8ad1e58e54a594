"""Many people of one account at once: all are served while Twilio answers; nobody else waits while not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.twilio import rest
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.shares import SHARE, SHARES
from fake_twilio import catalogue
from tests.connections import build_candidate

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
KEY = {
    "api_key_sid": catalogue.key_sid("demo standard"),
    "api_key_secret": catalogue.key_secret("demo standard"),
}


@pytest.fixture
def most_at_once(monkeypatch):
    """How many held each account's share at once, at the most."""
    most = {}
    take = SHARES.take

    def watch(account_sid):
        turn = take(account_sid)
        most[account_sid] = max(most.get(account_sid, 0), len(SHARES.begun[account_sid]))
        return turn

    monkeypatch.setattr(SHARES, "take", watch)
    return most


def verify_all(number):
    with ThreadPoolExecutor(max_workers=number) as threads:
        return list(threads.map(lambda _: verify_credentials(build_candidate(**KEY)).verdict, range(number)))


def test_a_hundred_people_who_reload_at_once_are_all_proven(fake_twilio, most_at_once, monkeypatch):
    monkeypatch.setattr(SHARES, "patience", 20)
    fake_twilio.add_fault("slow", seconds=0.02)
    assert [verdict.code for verdict in verify_all(100)] == ["ok"] * 100
    assert most_at_once == {DEMO_SID: SHARE} and not SHARES.begun


def test_an_account_that_hangs_keeps_its_share_and_nobody_else_waiting(
    fake_twilio, most_at_once, monkeypatch
):
    monkeypatch.setattr(SHARES, "patience", 0.2)
    monkeypatch.setattr(rest, "READ_SECONDS", 3.0)
    fake_twilio.add_fault("hang", account_sid=DEMO_SID)
    with ThreadPoolExecutor(max_workers=1) as threads:
        hung = threads.submit(verify_all, 3 * SHARE)
        other = verify_credentials(build_candidate("other")).verdict
        assert other.is_ok and not hung.done()
        verdicts = hung.result(timeout=20)
    assert [verdict.twilio.message for verdict in verdicts].count("share") == 2 * SHARE
    assert {verdict.code for verdict in verdicts} == {"twilio_unavailable", "server_network"}
    assert not any(verdict.is_judged or verdict.blames_credentials for verdict in verdicts)
    assert most_at_once[DEMO_SID] == SHARE and not SHARES.begun
