"""The pane of the limits, the admin's page of them, what the demo has, and what accounts had before."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.audit.admin_actions import AdminAction
from accounts.audit.journal import AccountEvent
from accounts.countries import list_countries
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from demo import people
from fake_twilio import catalogue
from phone.answering.rules import NumberRules
from phone.calling_limits.calling_limits import CallingLimits, CallingLimitsChange, get_limits
from phone.calling_limits.changing import change_country
from phone.calling_limits.permission import refuse_number
from phone.calls.call import Call
from tests.calling_limits import limit_calls
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.german import find_english
from tests.webhook_requests import add_number, build_call_sid, make_member

PANE = "/phone/settings/limits/"
LONDON = "+442079460123"


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice, whose it is, and Bob, on an account with an American number."""
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_NUMBER)
    return account


def read_form(client: Client) -> dict[str, Any]:
    form = client.get(PANE).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value for name, value in fields.items() if value not in (None, False)
    }


class TestPane:
    def test_the_owner_allows_a_country_and_it_is_kept_who_did(
        self, account: TwilioAccount, alice: User
    ) -> None:
        client = signed_in(alice)
        page = client.get(PANE, {"q": "king"}).text
        assert "United Kingdom" in page and "Allow United Kingdom" in page and "Germany" not in page
        answer = client.post(f"{PANE}country/", {"code": "GB", "is_allowed": "on", "q": "king"})
        assert answer.headers["Location"] == f"{PANE}?q=king"
        assert refuse_number(account, LONDON, person=None) is None
        change = CallingLimitsChange.objects.get()
        assert (change.email, change.before, change.after) == (
            alice.email,
            {"countries": []},
            {"countries": ["GB"]},
        )
        assert AccountEvent.objects.filter(kind="limits_changed").count() == 1
        client.post(f"{PANE}country/", {"code": "GB"})
        assert refuse_number(account, LONDON, person=None) is not None
        assert client.post(f"{PANE}country/", {"code": "XX", "is_allowed": "on"}).status_code == 404

    def test_home_is_allowed_without_a_button(self, account: TwilioAccount, alice: User) -> None:
        page = signed_in(alice).get(PANE, {"q": "US"}).text
        assert "home country" in page and "Disallow United States" not in page

    def test_the_numbers_are_saved_and_what_is_wrong_is_marked(
        self, account: TwilioAccount, alice: User
    ) -> None:
        client = signed_in(alice)
        fields = read_form(client)
        assert client.post(PANE, {**fields, "minutes": "0"}).status_code == 422
        assert client.post(PANE, {**fields, "hours": "week", "monday": "noon"}).status_code == 422
        closed = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "")
        assert client.post(PANE, {**fields, "hours": "week", **closed}).status_code == 422
        assert not CallingLimitsChange.objects.exists()
        wanted = {"minutes": "90", "allows_premium": "on", "hours": "week", "time_zone": "Europe/London"}
        assert client.post(PANE, {**fields, **wanted}).status_code == 302
        row = get_limits(account)
        assert (row.minutes, row.allows_premium, row.time_zone) == (90, True, "Europe/London")
        assert row.week[0] == "09:00-17:00" and row.week[6] == ""
        assert set(CallingLimitsChange.objects.get().after) == {
            *("minutes", "allows_premium", "time_zone", "week")
        }

    def test_a_member_reads_all_and_changes_nothing(self, account: TwilioAccount, bob: User) -> None:
        client = signed_in(bob)
        page = client.get(PANE).text
        assert "Alice can change them: ask there." in page
        assert "Allow United Kingdom" not in page and ">Save<" not in page
        for address in (PANE, f"{PANE}country/", f"{PANE}release/", f"{PANE}twilio/"):
            assert client.post(address, {"code": "GB", "is_allowed": "on"}).status_code == 403
        assert get_limits(account).countries == []

    def test_nobody_else_comes_near_them(self, account: TwilioAccount, mallory: User) -> None:
        other = make_member(mallory, "other")
        signed_in(mallory).post(f"{PANE}country/", {"code": "GB", "is_allowed": "on"})
        assert get_limits(account).countries == []
        assert get_limits(other).countries == ["GB"]
        assert Client().get(PANE).status_code == 302

    def test_the_settings_say_what_may_be_called(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        limit_calls(account, countries=["GB"])
        assert (
            "May be called: United Kingdom, United States." in signed_in(alice).get("/phone/settings/").text
        )
        assert "Alice can change that." in signed_in(bob).get("/phone/settings/").text

    def test_countries_are_named_only_where_there_are_few(self, account: TwilioAccount, alice: User) -> None:
        every = {code for code, _ in list_countries()}
        for countries, said in (
            (every, "All countries may be called."),
            (every - {"SO"}, "May be called: all countries but Somalia."),
            ({*sorted(every)[:40], "US"}, f"41 of {len(every)} countries may be called."),
        ):
            limit_calls(account, countries=sorted(countries))
            for page in (PANE, "/phone/settings/"):
                assert said in signed_in(alice).get(page).text

    def test_in_german(self, account: TwilioAccount, alice: User) -> None:
        User.objects.filter(pk=alice.pk).update(language="de")
        page = signed_in(alice).get(PANE, {"q": "Vereinigtes"}).text
        assert "Vereinigtes Königreich erlauben" in page and "Grenzen für Anrufe" in page
        # What stands on a button is in its name: people say to it what they see.
        limit_calls(account, countries=["GB"])
        assert "Vereinigtes Königreich verbieten" in signed_in(alice).get(PANE).text
        assert find_english(page.partition('id="pane-title"')[2].partition("</section>")[0]) == []


class TestTwilio:
    def test_its_own_permissions_stand_beside_ours(
        self, alice: User, fake_twilio: FakeTwilio, db: None
    ) -> None:
        connect(alice)
        client = signed_in(alice)
        client.post(f"{PANE}twilio/")
        row = CallingLimits.objects.get()
        assert row.twilio_permissions["GB"] == ["low"]
        assert row.twilio_permissions["CU"] == row.twilio_permissions["SO"] == []
        lines = {line.code: line.twilio for line in client.get(PANE).context["lines"]}
        # Twilio lists them as one.
        assert lines["US"] == lines["CA"] == lines["JM"] == "allowed"
        assert (lines["GB"], lines["CU"], lines["ZW"]) == ("allowed", "not allowed", "not told")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("trial", "Twilio does not tell its own permissions to trial accounts."),
            ("unavailable", "Twilio did not answer. Try again in a moment."),
        ],
    )
    def test_what_it_does_not_tell_is_said(
        self, alice: User, fake_twilio: FakeTwilio, name: str, words: str
    ) -> None:
        make_member(alice, name)
        client = signed_in(alice)
        client.post(f"{PANE}twilio/")
        assert words in client.get(PANE).text
        assert CallingLimits.objects.get().twilio_asked_at is None


class TestStaff:
    def test_changes_them_and_both_trails_have_it(
        self, account: TwilioAccount, admin_user: User, alice: User
    ) -> None:
        row = limit_calls(account, countries=["GB"])
        client = signed_in(admin_user)
        assert "United Kingdom" in client.get(reverse("admin:phone_callinglimits_changelist")).text
        shown = client.get(reverse("admin:phone_callinglimits_change", args=[row.pk])).text
        address = reverse("admin:edit_calling_limits", args=[row.pk])
        assert address in shown
        form = client.get(address).context["form"]
        values = {name: form[name].value() for name in form.fields}
        fields = {name: value for name, value in values.items() if value not in (None, False)}
        assert client.post(address, {**fields, "countries": "gb fr xx"}).status_code == 422
        assert client.post(address, {**fields, "countries": "fr, gb", "minutes": 5}).status_code == 302
        row.refresh_from_db()
        assert (row.countries, row.minutes) == (["FR", "GB"], 5)
        assert CallingLimitsChange.objects.get().email == admin_user.email
        assert AdminAction.objects.get().action == "change"
        page = client.get(reverse("admin:phone_callinglimitschange_changelist")).text
        assert admin_user.email in page and account.account_sid not in page

    def test_staff_without_the_permission_may_not(self, account: TwilioAccount, bob: User) -> None:
        row = limit_calls(account)
        User.objects.filter(pk=bob.pk).update(is_staff=True)
        address = reverse("admin:edit_calling_limits", args=[row.pk])
        assert signed_in(bob).post(address, {"release": "yes"}).status_code == 403


def test_the_demo_calls_what_it_lists_and_keeps_what_was_chosen(fake_twilio: FakeTwilio, db: None) -> None:
    people.make_people()
    people.connect_people()
    people.allow_calls()
    account = TwilioAccount.objects.get()
    for number in catalogue.NUMBERS:
        if number != catalogue.NOT_A_NUMBER:
            assert refuse_number(account, number, person=None) is None
    refusal = refuse_number(account, "+252615550190", person=None)
    assert refusal is not None and refusal.words == "Your company does not allow calls to Somalia."
    change_country(account=account, by=people.get_user(people.ALICE), country="GB", is_allowed=False)
    people.allow_calls()
    assert refuse_number(account, LONDON, person=None) is not None


def test_accounts_that_were_there_call_on_where_they_have_called(account: TwilioAccount, alice: User) -> None:
    def call(number: str, status: str = "completed") -> None:
        Call.objects.create(
            account=account,
            call_sid=build_call_sid(number),
            direction="outgoing",
            user=alice,
            from_address=f"client:{alice.identity}",
            to_address=number,
            status=status,
        )

    call(LONDON)
    call("+881612345678")
    call("+5355550190", "failed")
    NumberRules.objects.create(
        account=account, phone_number=catalogue.DEMO_NUMBER, closed_number="+493023125000,12"
    )
    CallingLimits.objects.all().delete()
    import_module("phone.migrations.0025_limits_of_accounts_so_far").allow_what_is_called(apps, None)
    row = CallingLimits.objects.get()
    assert row.countries == ["DE", "GB"]
    assert (row.allows_satellite, row.allows_premium, row.allows_shared_cost) == (True, False, False)
