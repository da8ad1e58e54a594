"""Both witnesses of a failed registration, the Device and a fresh check, joined into one verdict."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone, translation

from accounts.clients import ClientInfo
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import PROOF_LIFETIME, TwilioCredentials
from accounts.verdicts.verdict import Verdict
from fake_twilio import catalogue
from phone.device import threads
from phone.device.diagnosis import diagnose
from phone.device.events import DeviceEvent
from phone.device.recording import record_device_event
from phone.tokens.issued_tokens import IssuedToken
from tests.connections import connect
from tests.device_socket import build_error, build_event, open_socket
from tests.fake_control import FakeTwilio
from tests.german import find_english

SOCKET_ENDED = (
    "ConnectionError (31005): Websocket connection to Twilio's signaling servers were unexpectedly ended"
)
Report = Callable[..., Verdict | None]


def connect_with_key(user: User) -> TwilioCredentials:
    return connect(
        user,
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )


def break_secret(credentials: TwilioCredentials) -> None:
    """A wrong secret, and a proof that says otherwise: the next token is minted without a question."""
    credentials.api_key_secret = "0" * 32
    credentials.proven_until = timezone.now() + PROOF_LIFETIME
    credentials.save()


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
    return connect_with_key(alice)


@pytest.fixture
def report(alice: User) -> Report:
    """Reports one event of one page of alice's, and returns what the diagnosis makes of it."""
    page_session = uuid.uuid4()

    def send(frame: dict[str, Any]) -> Verdict | None:
        return diagnose(record(alice, page_session, frame))

    return send


def record(user: User, page_session: uuid.UUID, frame: dict[str, Any]) -> DeviceEvent:
    client = ClientInfo("192.0.2.7", "Chromium in a test")
    return record_device_event(user=user, page_session=page_session, report=frame, client=client)


def watchdog(kind: str) -> dict[str, Any]:
    return build_event(state="offline", sdk_event="watchdog", message=kind)


def code_of(verdict: Verdict | None) -> str | None:
    return verdict.code if verdict else None


def list_failures(shown_by: str = "device") -> list[str]:
    failures = LoginFailure.objects.filter(shown_by=shown_by).order_by("failed_at")
    return list(failures.values_list("verdict", flat=True))


NETWORK_REPORTS = [
    pytest.param(build_error(31005, message=SOCKET_ENDED), id="31005"),
    pytest.param(build_error(31000, 53001), id="31000"),
    pytest.param(build_error(53001), id="53001"),
    pytest.param(watchdog("socket-blocked"), id="socket-blocked"),
    pytest.param(watchdog("csp-blocked"), id="csp-blocked"),
    pytest.param(watchdog("register-timeout"), id="register-timeout"),
]


class TestAWrongSecret:
    def test_is_named_by_both_together(
        self, credentials: TwilioCredentials, alice: User, report: Report
    ) -> None:
        break_secret(credentials)
        verdict = report(build_error(31202, 31202, message="JWT signature validation failed"))
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials) == ("wrong_api_secret", True)
        credentials.refresh_from_db()
        assert not credentials.is_proven
        failure = LoginFailure.objects.get(shown_by="device")
        assert (failure.verdict, failure.user, failure.email) == ("wrong_api_secret", alice, alice.email)
        assert failure.account_sid == catalogue.account_sid(catalogue.DEMO)
        assert (failure.ip_address, failure.user_agent) == ("192.0.2.7", "Chromium in a test")
        assert list_failures("check") == ["wrong_api_secret"]

    def test_is_named_also_where_the_device_says_only_that_nothing_happened(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        break_secret(credentials)
        assert code_of(report(watchdog("register-timeout"))) == "wrong_api_secret"

    @pytest.mark.parametrize("code", [53000, 20101, 20151, 31204])
    def test_is_named_whatever_code_the_gateway_chose(
        self, code: int, credentials: TwilioCredentials, report: Report
    ) -> None:
        break_secret(credentials)
        assert code_of(report(build_error(code))) == "wrong_api_secret"

    def test_is_not_claimed_while_the_check_proves_the_opposite(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        asked = len(fake_twilio.requests())
        verdict = report(build_error(31202))
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials) == ("token_invalid", False)
        assert verdict.twilio.code == 31202
        assert len(fake_twilio.requests()) > asked
        credentials.refresh_from_db()
        assert credentials.is_proven
        assert list_failures() == ["token_invalid"]

    def test_is_not_claimed_while_nobody_can_be_asked(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        fake_twilio.add_fault("unavailable")
        verdict = report(build_error(31202))
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials, verdict.is_sure) == ("token_invalid", False, False)
        [seen] = map(str, verdict.other_causes)
        with translation.override("de"):
            [gesehen] = map(str, verdict.other_causes)
        assert seen != gesehen and find_english(gesehen) == []

    def test_that_was_replaced_is_forgotten_at_once(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        break_secret(credentials)
        assert code_of(report(build_error(31202))) == "wrong_api_secret"
        credentials.api_key_secret = catalogue.key_secret("demo standard")
        credentials.save()
        assert code_of(report(build_error(31202))) == "token_invalid"


class TestNoNetwork:
    @pytest.mark.parametrize("frame", NETWORK_REPORTS)
    def test_proven_here_and_silent_there_is_the_browsers_network(
        self, frame: dict[str, Any], credentials: TwilioCredentials, report: Report
    ) -> None:
        verdict = report({**frame, "id": str(uuid.uuid4())})
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials) == ("browser_network", False)
        credentials.refresh_from_db()
        assert credentials.is_proven
        assert list_failures() == ["browser_network"]
        assert list_failures("check") == []

    @pytest.mark.parametrize("frame", NETWORK_REPORTS)
    def test_of_a_phone_that_was_registered_it_is_no_failed_login(
        self, frame: dict[str, Any], credentials: TwilioCredentials, report: Report
    ) -> None:
        assert report(build_event()) is None
        assert code_of(report({**frame, "id": str(uuid.uuid4())})) == "browser_network"
        assert list_failures() == []

    def test_neither_here_nor_there_is_twilio_or_our_own_network(
        self, credentials: TwilioCredentials, report: Report, settings: Any
    ) -> None:
        settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
        assert code_of(report(build_error(31000, 53001))) == "server_network"

    def test_an_ill_twilio_is_named(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        fake_twilio.add_fault("unavailable")
        verdict = report(watchdog("register-timeout"))
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials) == ("twilio_unavailable", False)

    def test_a_busy_twilio_does_not_explain_a_dead_socket(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        fake_twilio.add_fault("rate limited")
        assert code_of(report(build_error(31000, 53001))) == "browser_network"

    def test_a_browser_that_knows_it_is_offline_needs_no_check(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        asked = len(fake_twilio.requests())
        assert code_of(report(watchdog("network-offline"))) == "browser_network"
        assert len(fake_twilio.requests()) == asked

    def test_an_account_that_the_gateway_drops_without_a_word_is_named(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        fake_twilio.change_account(credentials.account.account_sid, status="suspended")
        verdict = report(watchdog("register-timeout"))
        assert verdict is not None
        assert (verdict.code, verdict.blames_credentials) == ("account_suspended", False)


class TestNoFailureAtAll:
    @pytest.mark.parametrize(
        "frame",
        [
            pytest.param(build_event(), id="ready"),
            pytest.param(build_event(state="offline", sdk_event="unregistered"), id="unregistered"),
            pytest.param(build_event(state="offline", sdk_event="destroyed"), id="closed tab"),
            pytest.param(build_event(state="connecting", sdk_event="registering"), id="registering"),
            pytest.param(build_event(state="cancel", sdk_event="cancel"), id="caller gave up"),
            pytest.param(build_error(31005, 31005, sdk_event="call.error"), id="callee hung up"),
            pytest.param(build_error(31202, sdk_event="call.error"), id="a call's own code"),
            pytest.param(build_error(31486), id="busy"),
            pytest.param(build_error(31603), id="declined"),
            pytest.param(watchdog("server-unreachable"), id="ourselves out of reach"),
        ],
    )
    def test_it_means_nothing_and_nobody_is_asked(
        self, frame: dict[str, Any], credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        asked = len(fake_twilio.requests())
        assert report({**frame, "id": str(uuid.uuid4())}) is None
        assert len(fake_twilio.requests()) == asked
        assert not LoginFailure.objects.exists()
        credentials.refresh_from_db()
        assert credentials.is_proven

    @pytest.mark.parametrize(
        ("code", "verdict"),
        [(31401, "microphone_denied"), (31402, "microphone_missing"), (53405, "media_blocked")],
    )
    def test_sound_is_no_matter_of_logging_in(
        self, code: int, verdict: str, credentials: TwilioCredentials, report: Report
    ) -> None:
        assert code_of(report(build_error(code))) == verdict
        assert not LoginFailure.objects.exists()

    def test_one_20101_after_sleep_is_transient_and_the_second_is_not(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        report(build_event())
        assert code_of(report(build_error(20101, 31204))) == "transient"
        assert list_failures() == []
        assert code_of(report(build_error(20101, 31204))) == "token_invalid"
        assert list_failures() == ["token_invalid"]

    def test_a_20101_at_the_first_registration_is_a_failure(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        assert code_of(report(build_error(20101, 31204))) == "token_invalid"

    def test_what_is_over_by_the_time_it_is_understood_is_not_told_any_more(
        self, credentials: TwilioCredentials, alice: User
    ) -> None:
        page_session = uuid.uuid4()
        event = record(alice, page_session, build_error(31000, 53001))
        record(alice, page_session, build_event())
        assert diagnose(event) is None
        assert list_failures() == ["browser_network"]

    def test_somebody_who_has_disconnected_meanwhile_is_left_alone(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        credentials.delete()
        assert report(build_error(31202)) is None


class TestAStorm:
    def test_a_device_that_redials_is_one_failure_and_twilio_is_asked_once(
        self, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
    ) -> None:
        report(watchdog("socket-blocked"))
        asked = len(fake_twilio.requests())
        for _ in range(30):
            assert code_of(report(build_error(31000, 53001))) == "browser_network"
        assert len(fake_twilio.requests()) == asked
        assert list_failures() == ["browser_network"]

    def test_after_it_was_ready_again_a_failure_counts_anew(
        self, credentials: TwilioCredentials, report: Report
    ) -> None:
        for _ in range(2):
            report(build_error(31202))
            report(build_event())
            report(build_error(31202))
        assert list_failures() == ["token_invalid"] * 3

    def test_each_page_is_told_and_counts_for_itself(
        self, credentials: TwilioCredentials, alice: User, fake_twilio: FakeTwilio
    ) -> None:
        diagnose(record(alice, uuid.uuid4(), watchdog("socket-blocked")))
        asked = len(fake_twilio.requests())
        verdict = diagnose(record(alice, uuid.uuid4(), watchdog("socket-blocked")))
        assert code_of(verdict) == "browser_network"
        assert len(fake_twilio.requests()) == asked
        assert list_failures() == ["browser_network"] * 2


@pytest.mark.django_db(transaction=True)
class TestOverTheSocket:
    @pytest.fixture
    def credentials(self, transactional_db: None, fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
        return connect_with_key(alice)

    async def test_the_verdict_follows_the_acknowledgement(
        self, credentials: TwilioCredentials, alice: User
    ) -> None:
        await database_sync_to_async(break_secret)(credentials)
        error = build_error(31202, message="JWT signature validation failed")
        async with open_socket(alice) as socket:
            await socket.tell(**error)
            assert await socket.hear() == {"type": "recorded", "id": error["id"]}
            answer = await socket.hear()
        assert answer["type"] == "verdict"
        assert answer["verdict"]["code"] == "wrong_api_secret"
        assert answer["verdict"]["blames_credentials"] is True
        assert credentials.api_key_secret.reveal() not in str(answer)

    async def test_a_repeated_report_is_not_diagnosed_again(
        self, credentials: TwilioCredentials, alice: User
    ) -> None:
        error = build_error(31202)
        async with open_socket(alice) as socket:
            await socket.tell(**error)
            assert [(await socket.hear())["type"] for _ in range(2)] == ["recorded", "verdict"]
            await socket.tell(**error)
            assert (await socket.hear())["type"] == "recorded"
            assert await socket.receive_nothing()

    async def test_a_page_that_leaves_at_once_has_its_failure_recorded(
        self, credentials: TwilioCredentials, alice: User
    ) -> None:
        async with open_socket(alice) as socket:
            await socket.tell(**build_error(31202))
        assert await database_sync_to_async(list_failures)() == ["token_invalid"]

    async def test_reports_are_taken_while_twilio_keeps_another_page_waiting(
        self, credentials: TwilioCredentials, alice: User, fake_twilio: FakeTwilio
    ) -> None:
        fake_twilio.add_fault("slow")
        async with open_socket(alice) as slow, open_socket(alice) as other:
            await slow.report(**build_error(31000, 53001))
            for _ in range(5):
                assert (await other.report())["type"] == "recorded"
                assert (await slow.report())["type"] == "recorded"

    async def test_one_persons_failing_pages_keep_one_thread_and_nobody_else_waiting(
        self,
        credentials: TwilioCredentials,
        alice: User,
        bob: User,
        fake_twilio: FakeTwilio,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await database_sync_to_async(connect)(bob, "other")
        fake_twilio.add_fault("slow", account_sid=catalogue.account_sid(catalogue.DEMO), seconds=4)
        with ThreadPoolExecutor(max_workers=2) as two:
            monkeypatch.setattr(threads, "TWILIO_THREADS", two)
            async with AsyncExitStack() as stack:
                # First all that takes time on a busy machine, and is not what is tried.
                pages = [await stack.enter_async_context(open_socket(alice)) for _ in range(4)]
                bystander = await stack.enter_async_context(open_socket(bob))
                for page in pages:
                    assert (await page.report(**build_error(31000, 53001)))["type"] == "recorded"
                await bystander.report(**build_error(31000, 53001))
                assert (await bystander.hear())["verdict"]["code"] == "browser_network"
                assert all([await page.receive_nothing() for page in pages])
                verdicts = [(await page.hear())["verdict"]["code"] for page in pages]
        assert verdicts == ["browser_network"] * 4
        asked = [one["path"] for one in fake_twilio.requests() if "slow" in one["faults"]]
        assert len(asked) == len(set(asked)) > 1, "several pages of one person make one question"

    async def test_a_token_is_renewed(self, credentials: TwilioCredentials, alice: User) -> None:
        page_session = uuid.uuid4()
        async with open_socket(alice, page_session) as socket:
            await socket.tell(type="renew")
            answer = await socket.hear()
        assert answer["type"] == "token"
        assert set(answer) == {"type", "token", "token_kind", "identity", "expires_at", "device"}
        assert answer["identity"] == alice.identity
        row = await database_sync_to_async(IssuedToken.objects.get)()
        assert (row.page_session, row.email) == (page_session, alice.email)

    async def test_a_renewal_that_fails_is_answered_with_the_verdict(
        self, credentials: TwilioCredentials, alice: User
    ) -> None:
        await database_sync_to_async(break_secret)(credentials)
        await database_sync_to_async(TwilioCredentials.objects.update)(proven_until=None)
        async with open_socket(alice) as socket:
            await socket.tell(type="renew")
            answer = await socket.hear()
        assert (answer["type"], answer["verdict"]["code"]) == ("verdict", "wrong_api_secret")
        assert not await database_sync_to_async(IssuedToken.objects.exists)()

    async def test_without_credentials_nothing_is_renewed(self, transactional_db: None, bob: User) -> None:
        async with open_socket(bob) as socket:
            await socket.tell(type="renew")
            answer = await socket.hear()
        assert (answer["type"], answer["verdict"]["blames_credentials"]) == ("verdict", False)
