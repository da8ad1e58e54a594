"""What connecting makes at Twilio, what it reuses, and what removing takes away again."""

from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from accounts.failures.login_failures import LoginFailure
from accounts.sealing.encryption import make_credential_key
from accounts.tasks.background import LONGEST_PAUSE, TRIES
from accounts.twilio import connection
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login
from accounts.twilio.connection import connect_twilio, disconnect_twilio
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.errands import Errand
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.news import SENTENCES
from accounts.twilio.numbers import give_number_back, point_number_here
from accounts.twilio.rest import TwilioLogin, fetch
from accounts.twilio.shares import SHARE, SHARES
from fake_twilio import catalogue
from fake_twilio.store import make_sid
from tests.conftest import signed_in
from tests.connections import BROWSER, build_candidate, connect, disconnect
from tests.tasks import run_tasks

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
NUMBER_PATH = f"/IncomingPhoneNumbers/{make_sid('PN', 'demo')}.json"
ELSEWHERE = "https://example.com/answer"


def see(fake, name=catalogue.DEMO):
    """The account as it is at the fake."""
    accounts = fake.control("GET", "state")["accounts"]
    return next(one for one in accounts if one["sid"] == catalogue.account_sid(name))


def ours(resources):
    return [one for one in resources if one["friendly_name"] == "Dog n Bone"]


def owner(name=catalogue.DEMO):
    """The owner's own login, for what they do behind Dog n Bone's back."""
    return best_login(build_candidate(name))


def change_number(**parameters):
    answer = fetch(owner(), NUMBER_PATH, method="POST", data=parameters)
    assert answer.is_success, answer


def see_number():
    return fetch(owner(), NUMBER_PATH).json


def test_two_values_are_enough_for_a_phone_that_is_set_up(alice, fake_twilio):
    credentials = connect(alice)
    account = see(fake_twilio)
    assert [key["sid"] for key in ours(account["keys"])] == [credentials.api_key_sid]
    (app,) = ours(account["applications"])
    assert app["sid"] == credentials.twiml_app_sid
    assert app["voice_url"] == credentials.account.voice_url
    assert app["voice_method"] == "POST"
    assert credentials.is_api_key_ours and credentials.is_twiml_app_ours
    assert credentials.is_proven and credentials.verdict == "ok"
    assert credentials.account.friendly_name == "Dog n Bone demo"
    assert credentials.account.account_type == "Full"


def test_the_key_that_was_made_works(alice, fake_twilio):
    credentials = connect(alice)
    login = TwilioLogin(DEMO_SID, credentials.api_key_sid, credentials.api_key_secret)
    assert fetch(login, "/Calls.json", params={"PageSize": 1}).status == 200


def test_what_was_made_is_said(alice, fake_twilio):
    made = connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER).made
    assert len(made) == 2
    assert "API key" in made[0] and "TwiML App" in made[1]
    run_tasks()
    (said,) = Errand.objects.get().words
    assert catalogue.DEMO_NUMBER in said


def test_what_the_person_gave_is_used_and_nothing_is_made(alice, fake_twilio):
    candidate = build_candidate(
        api_key_sid=catalogue.key_sid("demo standard"), api_key_secret=catalogue.key_secret("demo standard")
    )
    connect_twilio(user=alice, candidate=candidate, client=BROWSER)
    credentials = TwilioCredentials.objects.get()
    assert credentials.api_key_sid == candidate.api_key_sid
    assert not credentials.is_api_key_ours
    assert ours(see(fake_twilio)["keys"]) == []


def test_a_key_alone_is_enough_too(alice, fake_twilio):
    credentials = connect(
        alice,
        auth_token="",
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    assert not credentials.auth_token and not credentials.auth_token_is_set
    assert credentials.is_twiml_app_ours


@pytest.mark.parametrize("name", ["token only", "trial"])
def test_an_account_that_may_have_no_key_stays_with_its_auth_token(name, alice, fake_twilio):
    credentials = connect(alice, name)
    assert credentials.api_key_sid == "" and not credentials.api_key_secret
    assert credentials.auth_token.reveal() == catalogue.auth_token(name)
    assert not LoginFailure.objects.exists()


def test_a_trial_account_without_an_app_is_told_what_that_means(alice, fake_twilio):
    made = connect_twilio(user=alice, candidate=build_candidate("trial"), client=BROWSER).made
    assert any("cannot call" in line for line in made)
    assert TwilioCredentials.objects.get().twiml_app_sid == ""
    assert TwilioAccount.objects.get().account_type == "Trial"


def test_connecting_again_makes_nothing_new(alice, fake_twilio):
    first = connect(alice)
    second = connect(alice)
    assert (second.api_key_sid, second.twiml_app_sid) == (first.api_key_sid, first.twiml_app_sid)
    assert len(ours(see(fake_twilio)["keys"])) == len(ours(see(fake_twilio)["applications"])) == 1


def test_removing_and_connecting_again_piles_nothing_up(alice, fake_twilio):
    connect(alice)
    disconnect(alice)
    connect(alice)
    assert len(ours(see(fake_twilio)["keys"])) == len(ours(see(fake_twilio)["applications"])) == 1


def test_colleagues_share_the_app_and_have_keys_of_their_own(alice, bob, fake_twilio):
    hers, his = connect(alice), connect(bob)
    assert hers.account == his.account
    assert hers.twiml_app_sid == his.twiml_app_sid
    assert hers.api_key_sid != his.api_key_sid


def test_what_a_colleague_still_uses_stays(alice, bob, fake_twilio):
    connect(alice)
    his = connect(bob)
    disconnect(alice)
    account = see(fake_twilio)
    assert [key["sid"] for key in ours(account["keys"])] == [his.api_key_sid]
    assert [app["sid"] for app in ours(account["applications"])] == [his.twiml_app_sid]
    assert see_number()["voice_url"] == his.account.voice_url


def test_removing_takes_away_what_was_made_and_says_so(alice, fake_twilio):
    connect(alice)
    done = disconnect(alice)
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == []
    assert not see_number()["voice_url"]
    assert not TwilioCredentials.objects.exists()
    assert not PhoneNumber.objects.filter(points_here=True).exists()
    assert len(done) == 3 and not Errand.objects.under_way().exists()
    assert disconnect_twilio(user=alice) == []


def test_what_the_person_made_is_not_removed(alice, fake_twilio):
    connect(
        alice,
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    disconnect(alice)
    sids = [key["sid"] for key in see(fake_twilio)["keys"]]
    assert catalogue.key_sid("demo standard") in sids


def test_credentials_are_forgotten_at_once_and_what_was_made_as_soon_as_twilio_is_there(
    alice, fake_twilio, settings, unused_tcp_port, pass_time
):
    connect(alice)
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{unused_tcp_port}"
    disconnect(alice)
    assert not TwilioCredentials.objects.exists()
    (errand,) = Errand.objects.under_way()
    assert errand.auth_token.reveal() == catalogue.auth_token(catalogue.DEMO)
    settings.TWILIO_BASE_URL = fake_twilio.base_url
    pass_time(timedelta(minutes=1))
    run_tasks()
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == [] and not see_number()["voice_url"]
    assert not Errand.objects.under_way().exists()
    assert not any(one.auth_token or one.api_key_secret for one in Errand.objects.all())


def test_what_can_never_be_cleared_away_is_said_in_the_end_and_the_secrets_go(
    alice, fake_twilio, settings, unused_tcp_port, pass_time
):
    connect(alice)
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{unused_tcp_port}"
    disconnect(alice)
    for _ in range(TRIES):
        pass_time(LONGEST_PAUSE)
        run_tasks()
    errand = Errand.objects.get(kind="clearing")
    assert errand.has_failed and errand.words == [SENTENCES["not_cleared"]]
    assert not errand.auth_token and not errand.api_key_secret
    page = signed_in(alice).get("/accounts/twilio/").content.decode().replace("&#x27;", "'")
    assert str(SENTENCES["not_cleared"]) in page


def test_an_auth_token_that_twilio_takes_no_more_ends_the_clearing_at_once(alice, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    said = disconnect(alice)
    errand = Errand.objects.get(kind="clearing")
    assert errand.ended_at and errand.has_failed
    assert [line for line in said if "API key" in line and "could not be removed" in line]


def test_credentials_whose_key_is_lost_can_be_removed_all_the_same(alice, fake_twilio, settings):
    connect(alice)
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    said = disconnect(alice)
    assert not TwilioCredentials.objects.exists()
    assert len([line for line in said if "could not be removed" in line]) == 2


def test_who_connects_again_before_the_clearing_is_done_keeps_what_they_use(alice, fake_twilio):
    connect(alice)
    disconnect_twilio(user=alice)
    new = connect(alice)
    account = see(fake_twilio)
    assert [key["sid"] for key in ours(account["keys"])] == [new.api_key_sid]
    assert [app["sid"] for app in ours(account["applications"])] == [new.twiml_app_sid]
    assert see_number()["voice_url"] == new.account.voice_url


def test_a_replacement_that_fails_leaves_the_old_as_it_was(alice, fake_twilio):
    before = TwilioCredentials.objects.filter(pk=connect(alice).pk).values().get()
    for candidate in (build_candidate("suspended"), build_candidate(auth_token="0" * 32)):
        connection = connect_twilio(user=alice, candidate=candidate, client=BROWSER)
        assert not connection.verdict.is_ok
    assert TwilioCredentials.objects.values().get() == before


def test_a_replacement_clears_away_what_was_made_for_the_old(alice, fake_twilio):
    connect(alice)
    new = connect(alice, "other")
    assert new.account.account_sid == catalogue.account_sid("other")
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == []
    assert not see_number()["voice_url"]


def test_an_own_key_replaces_the_one_that_was_made(alice, fake_twilio):
    connect(alice)
    connect(
        alice,
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    assert ours(see(fake_twilio)["keys"]) == []
    assert not TwilioCredentials.objects.get().is_api_key_ours


def test_nothing_stays_behind_when_storing_fails(alice, fake_twilio, monkeypatch):
    def fail(*args):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(connection, "store", fail)
    with pytest.raises(DatabaseError):
        connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER)
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == []


def test_nothing_stays_behind_when_only_the_app_cannot_be_made(alice, fake_twilio):
    fake_twilio.add_fault("unavailable", path="/Applications", method="POST")
    verdict = connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER).verdict
    assert verdict.code == "twilio_unavailable"
    assert ours(see(fake_twilio)["keys"]) == []
    assert not TwilioCredentials.objects.exists()


@pytest.mark.parametrize(
    ("broken", "other"), [("/Keys", "/Applications"), ("/Applications", "/Keys")], ids=["key", "app"]
)
def test_nothing_stays_behind_of_what_was_still_being_made_when_the_other_failed(
    broken, other, alice, fake_twilio
):
    fake_twilio.add_fault("unavailable", path=broken, method="POST")
    fake_twilio.add_fault("slow", path=other, method="POST", seconds=0.3)
    verdict = connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER).verdict
    assert verdict.code == "twilio_unavailable"
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == []
    made = [one for one in fake_twilio.requests() if one["method"] == "POST" and other in one["path"]]
    assert [one["status"] for one in made] == [201]


def test_what_does_not_depend_on_one_another_is_asked_side_by_side(alice, fake_twilio):
    fake_twilio.add_fault("slow", seconds=0.3)
    connect(alice)
    spans = {}
    for one in fake_twilio.requests():
        begun = datetime.fromisoformat(one["at"])
        name = f"{one['method']} {one['path'].rpartition('/')[2]}"
        spans[name] = (begun, begun + timedelta(milliseconds=one["ms"]))
    assert overlap(spans["POST Keys.json"], spans["GET Applications.json"])
    assert overlap(spans["GET IncomingPhoneNumbers.json"], spans["GET OutgoingCallerIds.json"])
    # What does depend on it waits: the app is looked for before it is made, and what is made is stored first.
    assert spans["GET Applications.json"][1] <= spans["POST Applications.json"][0]
    assert spans["POST Applications.json"][1] <= spans["GET IncomingPhoneNumbers.json"][0]


def overlap(one, other):
    return max(one[0], other[0]) < min(one[1], other[1])


def test_an_account_whose_share_is_taken_is_not_connected_and_nothing_stays_behind(
    alice, fake_twilio, monkeypatch
):
    monkeypatch.setattr(SHARES, "patience", 0)
    with ExitStack() as stack:
        for _ in range(SHARE):
            stack.enter_context(SHARES.hold(DEMO_SID))
        verdict = connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER).verdict
    assert (verdict.code, verdict.twilio.message) == ("twilio_unavailable", "share")
    assert fake_twilio.requests() == [] and not TwilioCredentials.objects.exists()


def test_a_share_that_is_taken_half_way_leaves_nothing_behind(alice, fake_twilio, monkeypatch):
    with ExitStack() as stack:

        def verify(candidate, **options):
            result = verify_credentials(candidate, **options)
            for _ in range(SHARE):
                stack.enter_context(SHARES.hold(DEMO_SID))
            return result

        monkeypatch.setattr(connection, "verify_credentials", verify)
        monkeypatch.setattr(SHARES, "patience", 0)
        verdict = connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER).verdict
    assert (verdict.code, verdict.twilio.message) == ("twilio_unavailable", "share")
    account = see(fake_twilio)
    assert ours(account["keys"]) == ours(account["applications"]) == []


def test_a_key_that_was_made_and_is_gone_is_made_anew(alice, fake_twilio):
    first = connect(alice)
    fake_twilio.control("DELETE", f"accounts/{DEMO_SID}/keys/{first.api_key_sid}")
    second = connect(alice)
    assert second.api_key_sid != first.api_key_sid
    assert len(ours(see(fake_twilio)["keys"])) == 1


def test_a_number_that_nobody_answers_rings_here_at_once(alice, fake_twilio):
    credentials = connect(alice)
    assert see_number()["voice_url"] == credentials.account.voice_url
    number = PhoneNumber.objects.get(kind="owned")
    assert number.phone_number == catalogue.DEMO_NUMBER and number.points_here
    verified = PhoneNumber.objects.get(kind="verified")
    assert verified.phone_number == catalogue.DEMO_VERIFIED_NUMBER and not verified.points_here


def test_twilios_welcome_message_counts_as_nobody(alice, fake_twilio):
    change_number(VoiceUrl="https://demo.twilio.com/welcome/voice/", VoiceMethod="POST")
    connect(alice)
    assert PhoneNumber.objects.get(kind="owned").points_here
    disconnect(alice)
    assert see_number()["voice_url"] == "https://demo.twilio.com/welcome/voice/"


def test_a_number_that_somebody_answers_is_left_alone_until_the_person_says_so(alice, fake_twilio):
    change_number(VoiceUrl=ELSEWHERE, VoiceMethod="GET")
    credentials = connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    assert not number.points_here and see_number()["voice_url"] == ELSEWHERE

    point_number_here(best_login(Candidate.of(credentials)), number)
    assert see_number()["voice_url"] == credentials.account.voice_url
    assert see_number()["voice_method"] == "POST"
    number.refresh_from_db()
    assert number.points_here and number.previous_handler["voice_url"] == ELSEWHERE

    give_number_back(best_login(Candidate.of(credentials)), number)
    assert (see_number()["voice_url"], see_number()["voice_method"]) == (ELSEWHERE, "GET")
    assert not number.points_here and number.previous_handler == {}


def test_an_app_that_answered_a_number_answers_it_again(alice, fake_twilio):
    app = make_sid("AP", "demo without voice url")
    change_number(VoiceApplicationSid=app)
    credentials = connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    assert not number.points_here
    point_number_here(best_login(Candidate.of(credentials)), number)
    assert not see_number()["voice_application_sid"]
    give_number_back(best_login(Candidate.of(credentials)), number)
    assert see_number()["voice_application_sid"] == app


def test_a_number_pointed_elsewhere_meanwhile_is_not_touched(alice, fake_twilio):
    connect(alice)
    change_number(VoiceUrl=ELSEWHERE)
    disconnect(alice)
    assert see_number()["voice_url"] == ELSEWHERE


def test_pointing_twice_does_not_forget_who_answered_first(alice, fake_twilio):
    change_number(VoiceUrl=ELSEWHERE)
    credentials = connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    for _ in range(2):
        point_number_here(best_login(Candidate.of(credentials)), number)
    give_number_back(best_login(Candidate.of(credentials)), number)
    assert see_number()["voice_url"] == ELSEWHERE


def test_numbers_that_cannot_be_read_stop_no_connection_and_are_read_later(alice, fake_twilio, pass_time):
    fake_twilio.add_fault("unavailable", path="/IncomingPhoneNumbers")
    fake_twilio.add_fault("reset", path="/OutgoingCallerIds")
    assert connect(alice).is_proven
    assert not PhoneNumber.objects.exists()
    fake_twilio.control("DELETE", "faults")
    pass_time(timedelta(minutes=1))
    run_tasks()
    assert PhoneNumber.objects.get(kind="owned").points_here
    assert Errand.objects.get().ended_at
