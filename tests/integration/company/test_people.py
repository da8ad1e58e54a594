"""`/accounts/people/`: inviting, joining, what members may do, and how a phone ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.company.changes import CompanyChange
from accounts.company.invitations import Invitation, take_back
from accounts.company.memberships import Membership, NotDone, RefusedMember, is_owner
from accounts.people import User
from accounts.twilio.connection import disconnect_twilio
from accounts.twilio.credentials import TwilioAccount, get_connection
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.in_call import tidying
from tests.conftest import PASSWORD, signed_in
from tests.connections import BROWSER
from tests.integration.company.test_memberships import add_invited, of
from tests.integration.twilio.test_confirming import age_sign_in
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, build_call_sid, make_member, post

PEOPLE = "/accounts/people/"
NEW = "new@example.com"


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    return make_member(alice)


def send(client: Client, email: str = NEW, **rights: str) -> Any:
    return client.post(f"{PEOPLE}invite/", {"email": email, "may_call_out": "on", **rights})


def read_link() -> str:
    """The link of the letter that was sent last."""
    run_tasks()
    found = re.search(r"https?://[^/\s]+(/accounts/people/join/[\w-]+/)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def sign_up(link: str) -> Client:
    client = Client()
    response = client.post(link, {"password1": "long-enough-words", "password2": "long-enough-words"})
    assert (response.status_code, response["Location"]) == (302, "/")
    return client


def test_an_invited_person_signs_up_and_has_a_phone(alice_client: Client, account: TwilioAccount) -> None:
    assert send(alice_client).status_code == 302
    link = read_link()
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == ([NEW], "Alice invites you to a phone at Dog n Bone")
    client = sign_up(link)
    member = of(User.objects.get(email=NEW))
    assert (member.account, member.role, member.may_call_abroad) == (account, "member", False)
    assert client.get("/").status_code == 200
    assert client.post("/phone/token/").status_code in (200, 422, 503)
    page = client.get("/accounts/twilio/").content.decode()
    assert "Your phone runs on Alice’s connection" in page
    assert account.account_sid[-6:] not in page
    assert [one.kind for one in CompanyChange.objects.order_by("id")] == ["invited", "joined"]
    # Once: whoever follows it afterwards is told so.
    assert Client().get(link).status_code == 410


def test_the_link_is_kept_as_a_hash_alone(alice_client: Client, account: TwilioAccount) -> None:
    send(alice_client)
    token = read_link().rstrip("/").rpartition("/")[2]
    row = Invitation.objects.values().get()
    assert token not in str(row)


def test_a_link_is_good_for_a_week(alice_client: Client, account: TwilioAccount, pass_time: Any) -> None:
    send(alice_client)
    link = read_link()
    assert Client().get(link).status_code == 200
    pass_time(timedelta(days=7, minutes=1))
    assert Client().get(link).status_code == 410
    assert "too old" in signed_in(User.objects.get(email="alice@example.com")).get(PEOPLE).content.decode()


def test_a_link_that_is_taken_back_or_sent_anew_is_good_no_more(
    alice_client: Client, account: TwilioAccount
) -> None:
    send(alice_client)
    first, key = read_link(), Invitation.objects.get().pk
    alice_client.post(f"{PEOPLE}invitations/{key}/send/")
    second = read_link()
    assert first != second
    assert [Client().get(link).status_code for link in (first, second)] == [410, 200]
    alice_client.post(f"{PEOPLE}invitations/{key}/take-back/")
    assert Client().get(second).status_code == 410
    assert Client().get(f"{PEOPLE}join/never-was/").status_code == 410


def test_whoever_has_an_account_with_that_address_joins_by_signing_in(
    alice_client: Client, bob: User, account: TwilioAccount
) -> None:
    send(alice_client, bob.email)
    link = read_link()
    page = Client().get(link).content.decode()
    assert "Sign in" in page and "password1" not in page
    assert Client().post(link, {"password1": "x", "password2": "x"}).status_code == 200
    assert signed_in(bob).post(link).status_code == 302
    assert of(bob).account == account


def test_somebody_else_who_is_signed_in_gets_a_clear_word(
    alice_client: Client, mallory: User, account: TwilioAccount
) -> None:
    send(alice_client)
    link = read_link()
    answer = signed_in(mallory).post(link)
    assert answer.status_code == 403
    assert "This invitation is for new@example.com" in answer.content.decode()
    assert get_connection(mallory) is None


def test_whoever_has_a_phone_of_their_own_is_told_to_give_it_up_first(
    alice_client: Client, mallory: User, account: TwilioAccount
) -> None:
    make_member(mallory, "trial")
    send(alice_client, mallory.email)
    assert signed_in(mallory).post(read_link()).status_code == 409
    assert of(mallory).is_owner


def test_an_invitation_tells_the_owner_nothing_of_who_has_an_account(
    alice_client: Client, mallory: User, account: TwilioAccount
) -> None:
    pages = []
    for email in (mallory.email, "nobody@example.com"):
        send(alice_client, email)
        page = alice_client.get(PEOPLE).content.decode()
        pages.append(re.findall(r'data-invitation="[^"]*"', page))
        alice_client.post(f"{PEOPLE}invitations/{Invitation.objects.waiting().get().pk}/take-back/")
    assert [len(page) for page in pages] == [1, 1]


def test_so_many_letters_to_one_address_and_no_more(alice_client: Client, account: TwilioAccount) -> None:
    answers = [send(alice_client).status_code for _ in range(6)]
    assert answers == [302] * 5 + [422]


def test_members_and_strangers_decide_nothing(
    alice: User, bob: User, mallory: User, account: TwilioAccount
) -> None:
    member = add_invited(bob, alice)
    make_member(mallory, "trial")
    send(signed_in(alice))
    invitation = Invitation.objects.get().pk
    deeds = [
        "invite/",
        *(f"{member.pk}/{deed}/" for deed in ("rights", "take-away", "hand-over", "accept", "refuse")),
        *(f"invitations/{invitation}/{deed}/" for deed in ("send", "take-back")),
    ]
    for deed in deeds:
        assert signed_in(bob).post(f"{PEOPLE}{deed}", {"email": NEW}).status_code == 404, deed
    # Another company's owner, about what is none of theirs.
    for deed in deeds[2:]:
        signed_in(mallory).post(f"{PEOPLE}{deed}")
    assert signed_in(mallory).post(f"{PEOPLE}{member.pk}/rights/").status_code == 404
    assert Client().post(f"{PEOPLE}invite/", {"email": NEW}).status_code == 302
    assert of(bob).role == "member"
    assert is_owner(alice, account)
    assert Invitation.objects.waiting().count() == 1
    assert "mallory" not in signed_in(bob).get(PEOPLE).content.decode()
    assert "bob" not in signed_in(mallory).get(PEOPLE).content.decode()


def test_a_pane_in_two_shapes(alice_client: Client, account: TwilioAccount) -> None:
    fragment = alice_client.get(PEOPLE, headers={"HX-Request": "true"})
    assert "HX-Request" in fragment["Vary"]
    assert "<html" not in fragment.content.decode()
    assert "<html" in alice_client.get(PEOPLE).content.decode()


def test_an_owner_takes_a_phone_away(alice_client: Client, alice: User, bob: User, account: Any) -> None:
    member = add_invited(bob, alice)
    client = signed_in(bob)
    assert client.get("/").status_code == 200
    alice_client.post(f"{PEOPLE}{member.pk}/take-away/")
    answer = client.post("/phone/token/")
    assert answer.status_code == 409
    assert "Alice, who has taken it away" in answer.json()["verdict"]["explanation"]
    assert client.get("/")["Location"] == "/accounts/twilio/"
    assert 'data-departure="taken_away"' in client.get("/accounts/twilio/").content.decode()
    run_tasks()
    assert mail.outbox[-1].to == [bob.email]
    # A token that is out still is worth nothing at our webhook.
    call = {"CallSid": build_call_sid(), "From": f"client:{bob.identity}", "To": "alice@example.com"}
    assert post("voice_webhook", account, **call).status_code == 403


def test_a_member_leaves(alice: User, bob: User, account: TwilioAccount) -> None:
    add_invited(bob, alice)
    assert signed_in(bob).post(f"{PEOPLE}leave/")["Location"] == "/accounts/twilio/"
    assert get_connection(bob) is None
    run_tasks()
    assert mail.outbox[-1].subject == "Bob has left your company"
    # An owner leaves by removing the connection, or hands over.
    signed_in(alice).post(f"{PEOPLE}leave/")
    assert is_owner(alice, account)


def test_handing_over_to_an_invited_member_leaves_the_credentials_with_the_company(
    alice_client: Client, alice: User, bob: User, mallory: User, account: TwilioAccount
) -> None:
    member = add_invited(bob, alice)
    add_invited(mallory, alice)
    credentials = get_connection(alice)
    send(alice_client)
    link = read_link()
    alice_client.post(f"{PEOPLE}{member.pk}/hand-over/")
    assert (is_owner(alice, account), is_owner(bob, account)) == (False, True)
    connections = [get_connection(person) for person in (alice, bob, mallory)]
    assert connections == [credentials] * 3
    assert connections[0] is not None and connections[0].user == bob
    for person in (alice, bob):
        page = signed_in(person).get("/accounts/twilio/").content.decode()
        assert connections[0].auth_token.reveal() not in page
    # What was invited stands, and the old owner decides no more.
    assert Client().get(link).status_code == 200
    assert send(alice_client, "x@example.com").status_code == 404


def test_handing_over_to_who_has_proven_the_account_moves_the_phones_to_theirs(
    alice_client: Client, alice: User, bob: User, mallory: User, account: TwilioAccount
) -> None:
    make_member(bob)
    alice_client.post(f"{PEOPLE}{of(bob).pk}/accept/")
    add_invited(mallory, alice)
    alice_client.post(f"{PEOPLE}{of(bob).pk}/hand-over/")
    assert is_owner(bob, account)
    runs_on = {person.email: of(person).credentials.user.email for person in (alice, bob, mallory)}
    assert runs_on == {alice.email: alice.email, bob.email: bob.email, mallory.email: bob.email}


def test_who_proves_the_same_account_asks_and_is_refused(
    alice: User, bob: User, account: TwilioAccount
) -> None:
    make_member(bob)
    add_number(account, "+12025550100", points_here=True)
    assert "This Twilio account has an owner" in signed_in(bob).get("/accounts/twilio/").content.decode()
    assert "Who asks to join" in signed_in(alice).get(PEOPLE).content.decode()
    assert bob.email in signed_in(alice).get("/phone/colleagues/").content.decode()
    signed_in(alice).post(f"{PEOPLE}{of(bob).pk}/refuse/")
    assert bob.email not in signed_in(alice).get("/phone/colleagues/").content.decode()
    client = signed_in(bob)
    assert alice.email not in client.get("/").content.decode()
    assert client.get("/phone/contacts/").status_code == 403
    assert client.get("/phone/settings/").status_code == 403
    assert client.get("/phone/recents/").status_code == 200
    # Their own credentials still call, but no colleague, by whatever name.
    call = {"From": f"client:{bob.identity}", "CallFrom": ""}
    number = post("voice_webhook", account, CallSid=build_call_sid("1"), To="+12025550123", **call)
    assert "+12025550123" in number.content.decode()
    colleague = post("voice_webhook", account, CallSid=build_call_sid("2"), To=alice.email, **call)
    assert "<Client" not in colleague.content.decode()
    # What comes in rings for the company alone.
    came_in = post(
        "voice_webhook", account, CallSid=build_call_sid("3"), From="+12025550123", To="+12025550100"
    )
    assert alice.identity in came_in.content.decode()
    assert bob.identity not in came_in.content.decode()
    signed_in(alice).post(f"{PEOPLE}refusals/{RefusedMember.objects.get().pk}/")
    assert of(bob).account == account


def test_an_owner_who_removes_the_connection_ends_the_phones_on_it(
    alice: User, bob: User, account: TwilioAccount
) -> None:
    add_invited(bob, alice)
    disconnect_twilio(user=alice)
    assert not Membership.objects.exists()
    page = signed_in(bob).get("/accounts/twilio/").content.decode()
    assert 'data-departure="connection_removed"' in page
    run_tasks()
    assert bob.email in [to for letter in mail.outbox for to in letter.to]


RIGHTS = {"which_numbers": "any"}


def set_rights(owner: User, member: User, **rights: Any) -> None:
    data = {**RIGHTS, **rights}
    assert signed_in(owner).post(f"{PEOPLE}{of(member).pk}/rights/", data).status_code == 302


def call_number(account: TwilioAccount, caller: User, to: str, call_from: str = "") -> str:
    params = {"From": f"client:{caller.identity}", "To": to, "CallFrom": call_from}
    return post("voice_webhook", account, CallSid=build_call_sid(to + call_from), **params).content.decode()


def test_rights_are_kept_where_calls_are_made(alice: User, bob: User, account: TwilioAccount) -> None:
    add_number(account, "+12025550100")
    add_invited(bob, alice)
    set_rights(alice, bob)
    heard = call_number(account, bob, "+12025550123")
    assert "<Number" not in heard and "Ask the owner" in heard
    # Colleagues can be called all the same.
    assert "<Client" in call_number(account, bob, alice.email) or "away" in call_number(account, bob, "x")
    set_rights(alice, bob, may_call_out="on")
    assert "<Number" in call_number(account, bob, "+12025550124")
    abroad = "other countries than its own. Ask the owner"
    assert abroad in call_number(account, bob, "+442071838750")
    answer = signed_in(bob).post("/phone/whom/", {"typed": "+442071838750"}).json()
    assert (answer["cause"], abroad in answer["refusal"]) == ("refused_here", True)
    set_rights(alice, bob, may_call_out="on", may_call_abroad="on")
    # What is left is what the company allows to everybody.
    assert abroad not in call_number(account, bob, "+442071838751")
    assert CompanyChange.objects.filter(kind="rights").count() == 3


def test_only_the_chosen_numbers_are_shown_whatever_a_page_asks_for(
    alice: User, bob: User, account: TwilioAccount
) -> None:
    add_number(account, "+12025550100")
    second = add_number(account, "+12025550101")
    add_invited(bob, alice)
    set_rights(alice, bob, may_call_out="on", which_numbers="chosen", numbers=[second.pk])
    assert 'callerId="+12025550101"' in call_number(account, bob, "+12025550123", "+12025550100")
    page = signed_in(bob).get("/").content.decode()
    assert "+12025550100" not in page and "+12025550101" in page
    # A number that goes takes nothing with it: none is left that they may show.
    second.delete()
    heard = call_number(account, bob, "+12025550124")
    assert "<Number" not in heard and "no number that you may call from" in heard


def test_members_change_nothing_of_the_numbers_or_the_connection(
    alice: User, bob: User, account: TwilioAccount
) -> None:
    number = add_number(account, "+12025550100")
    add_invited(bob, alice)
    client = signed_in(bob)
    assert client.get(f"/phone/settings/numbers/{number.pk}/").status_code == 200
    assert client.post(f"/phone/settings/numbers/{number.pk}/", {}).status_code == 403
    everybody = {"whose": "everybody", "is_on": "on"}
    assert client.post("/phone/settings/recording/", everybody).status_code == 403
    assert client.post("/phone/settings/recording/", {"whose": "mine", "is_on": "on"}).status_code == 302
    for deed in (f"numbers/{number.pk}/point-here/", f"numbers/{number.pk}/give-back/", "make-key/"):
        assert client.post(f"/accounts/twilio/{deed}").status_code == 404, deed
    assert client.post("/phone/check/")["Location"] == "/accounts/twilio/"
    client.post("/accounts/twilio/disconnect/")
    assert get_connection(alice) is not None


def test_a_member_is_told_whom_to_ask_when_the_connection_fails(
    fake_twilio: Any, alice: User, bob: User
) -> None:
    make_member(alice, auth_token="0" * 32)
    add_invited(bob, alice)
    answer = signed_in(bob).post("/phone/token/")
    assert answer.status_code == 422
    verdict = answer.json()["verdict"]
    assert verdict["code"] == "wrong_auth_token"
    assert "Ask Alice" in verdict["remedy"]
    assert "Ask Alice" not in signed_in(alice).post("/phone/token/").json()["verdict"]["remedy"]


def test_the_second_to_prove_it_is_told_and_the_owner_gets_a_letter(
    fake_twilio: Any, alice: User, bob: User
) -> None:
    from tests.connections import connect

    connect(alice)
    assert mail.outbox == []
    connect(bob)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        ([alice.email], "Bob asks to join your company")
    ]
    # Once.
    connect(bob)
    assert len(mail.outbox) == 1
    assert PASSWORD not in str(mail.outbox[0].body)


def test_handing_over_asks_first_whether_it_is_still_the_owner_and_both_are_written_to(
    alice_client: Client, alice: User, bob: User, account: TwilioAccount
) -> None:
    address = f"{PEOPLE}{add_invited(bob, alice).pk}/hand-over/"
    age_sign_in(alice_client)
    asked = alice_client.post(address)
    assert "reauthenticate" in asked["Location"] and "people" in asked["Location"]
    assert is_owner(alice, account)
    signed_in(alice).post(address)
    assert is_owner(bob, account)
    run_tasks()
    assert sorted(letter.to[0] for letter in mail.outbox) == [alice.email, bob.email]


def test_an_invitation_that_was_used_meanwhile_is_not_said_to_be_taken_back(
    alice_client: Client, account: TwilioAccount
) -> None:
    send(alice_client)
    stale = Invitation.objects.get()
    sign_up(read_link())
    with pytest.raises(NotDone):
        take_back(owner=of(User.objects.get(email="alice@example.com")), invitation=stale, client=BROWSER)
    assert not CompanyChange.objects.filter(kind="taken_back").exists()


def test_the_calls_of_whoever_loses_their_phone_are_ended_at_twilio(
    alice_client: Client, alice: User, bob: User, account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their page does: it may not be ours."""
    ended: list[str] = []
    monkeypatch.setattr(tidying, "end_leg", lambda login, call_sid: ended.append(call_sid))
    member = add_invited(bob, alice)
    call = {"direction": "outgoing", "account": account, "call_sid": build_call_sid("bobs"), "user": bob}
    talks = Call.objects.create(status="in-progress", answered_at=timezone.now(), **call)
    CallLeg.objects.create(call=talks, role="caller", user=bob, call_sid=build_call_sid("bobs"), address="")
    alice_client.post(f"{PEOPLE}{member.pk}/take-away/")
    run_tasks()
    assert ended == [build_call_sid("bobs")]
