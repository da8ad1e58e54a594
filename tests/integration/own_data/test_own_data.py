"""`/accounts/me/`: a person's data in one archive, and the end of their account."""

import io
import json
import zipfile

from django.core import mail
from django.test import Client

from accounts.audit.journal import AccountEvent
from accounts.company.memberships import is_owner
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from phone.calls.call import Call
from phone.contacts.contacts import Contact
from phone.recents.recent_call import RecentCall
from phone.recordings.deletions import SoundDeletion
from phone.voicemail.messages import VoicemailMessage
from tests.conftest import PASSWORD, signed_in
from tests.integration.company.test_memberships import add_invited
from tests.integration.recordings.stock import make_call, make_message
from tests.integration.twilio.test_confirming import age_sign_in
from tests.tasks import run_tasks
from tests.webhook_requests import DEMO_TOKEN, add_number, build_call_sid, make_member, post

ME = "/accounts/me/"


def log_in(user: User) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def log_in_twice(user: User) -> Client:
    """With the password shown once more, as what cannot be taken back asks for."""
    client = log_in(user)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def call_number(account: TwilioAccount, caller: User, to: str) -> None:
    add_number(account, "+12025550100")
    params = {"From": f"client:{caller.identity}", "To": to, "CallFrom": ""}
    assert post("voice_webhook", account, CallSid=build_call_sid(to), **params).status_code == 200


def read_archive(client: Client) -> dict[str, str]:
    answer = client.get(f"{ME}data.zip")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_archive_has_what_is_theirs_and_nobody_elses(alice: User, bob: User) -> None:
    account = make_member(alice)
    add_invited(bob, alice)
    call_number(account, bob, "+12025550123")
    for name, owner in (("Dentist", bob), ("Alice’s own", alice)):
        Contact.objects.create(name=name, sort_name=name, owner=owner, account=None)
    Contact.objects.create(name="Everybody’s", sort_name="e", owner=None, account=account)
    files = read_archive(log_in(bob))
    assert set(files) == {
        *("account.json", "settings.json", "contacts.csv"),
        *("calls.csv", "voicemail.csv", "sign-ins.csv"),
    }
    facts = json.loads(files["account.json"])
    assert (facts["email"], facts["role"]) == (bob.email, "member")
    assert "Dentist" in files["contacts.csv"]
    assert "+12025550123" in files["calls.csv"]
    assert "signed_in" in files["sign-ins.csv"]
    everything = "".join(files.values())
    for not_theirs in ("Alice", "Everybody’s", DEMO_TOKEN, account.account_sid, account.webhook_key):
        assert not_theirs not in everything


def test_an_account_is_deleted_with_what_is_theirs_and_without_the_companys(alice: User, bob: User) -> None:
    account = make_member(alice)
    add_invited(bob, alice)
    client = log_in_twice(bob)
    call_number(account, bob, "+12025550123")
    assert "What stays" in client.get(f"{ME}delete/").content.decode()
    assert client.post(f"{ME}delete/")["Location"] == "/accounts/login/"
    assert not User.objects.filter(email=bob.email).exists()
    assert not RecentCall.objects.filter(address="+12025550123").exists()
    # The company's call, and what is on record, stay without a key of the person's.
    assert Call.objects.get().user is None
    assert AccountEvent.objects.filter(email=bob.email, user=None).exists()
    assert is_owner(alice, account)
    assert client.get("/accounts/twilio/").status_code == 302
    run_tasks()
    assert mail.outbox[-1].subject == "Bob has left your company"
    again = Client().post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    assert again.status_code == 200


def test_it_asks_for_the_password_first(alice: User) -> None:
    client = log_in(alice)
    age_sign_in(client)
    for answer in (client.get(f"{ME}delete/"), client.post(f"{ME}delete/")):
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_owner_hands_over_or_ends_the_company_first(alice: User, bob: User) -> None:
    make_member(alice)
    member = add_invited(bob, alice)
    client = log_in_twice(alice)
    assert "Hand the company over" in client.get(ME).content.decode()
    assert client.post(f"{ME}delete/").status_code == 409
    client.post(f"/accounts/people/{member.pk}/hand-over/")
    assert client.post(f"{ME}delete/").status_code == 302
    # The credentials stayed with the company.
    assert TwilioCredentials.objects.get().user == bob


def test_an_owner_alone_takes_the_connection_along(alice: User) -> None:
    make_member(alice)
    assert log_in_twice(alice).post(f"{ME}delete/").status_code == 302
    assert not TwilioCredentials.objects.exists()


def test_the_last_admin_stays(admin_user: User) -> None:
    assert log_in_twice(admin_user).post(f"{ME}delete/").status_code == 409
    User.objects.create_superuser("second@example.com", PASSWORD)
    assert log_in_twice(admin_user).post(f"{ME}delete/").status_code == 302


def test_nobody_deletes_for_another(alice: User) -> None:
    for path in ("", "data.zip", "delete/"):
        assert Client().get(f"{ME}{path}")["Location"].startswith("/accounts/login/")
    assert signed_in(alice).get(ME).status_code == 200


def test_what_was_left_for_somebody_at_a_former_company_stays_with_it(alice: User, bob: User) -> None:
    account = make_member(alice)
    member = add_invited(bob, alice)
    make_message(make_call(account), bob)
    member.delete()
    assert log_in_twice(bob).post(f"{ME}delete/").status_code == 302
    assert not User.objects.filter(pk=bob.pk).exists()
    assert not SoundDeletion.objects.exists()
    assert VoicemailMessage.objects.filter(account=account).exists()
