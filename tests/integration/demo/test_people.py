from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from demo import people
from tests.fake_control import FakeTwilio


def test_people_are_made_once_and_get_their_password_back(db: None) -> None:
    people.make_people()
    alice = User.objects.get(email="alice@example.com")
    alice.set_password("something else")
    alice.is_active = False
    alice.save()
    people.make_people()
    assert User.objects.count() == 3
    for person in people.PEOPLE:
        user = people.get_user(person)
        assert user.check_password("dog-and-bone") and user.is_active
        assert user.is_superuser is user.is_staff is (person.email == "admin@example.com")


def test_alice_and_bob_become_colleagues_on_the_demo_account(db: None, fake_twilio: FakeTwilio) -> None:
    people.make_people()
    assert [verdict.code for _, verdict in people.connect_people()] == ["ok", "ok"]
    alice, bob = (TwilioCredentials.objects.get(user__email=person.email) for person in people.CALLERS)
    assert alice.account == bob.account
    assert alice.is_proven and bob.is_proven
    assert not TwilioCredentials.objects.filter(user__email=people.ADMIN.email).exists()


def test_they_are_connected_anew_when_the_fake_has_forgotten_them(db: None, fake_twilio: FakeTwilio) -> None:
    people.make_people()
    people.connect_people()
    before = TwilioCredentials.objects.get(user__email="alice@example.com")
    fake_twilio.reset()
    assert [verdict.code for _, verdict in people.connect_people()] == ["ok", "ok"]
    after = TwilioCredentials.objects.get(user__email="alice@example.com")
    assert after.account == before.account
    assert after.api_key_sid != before.api_key_sid
    assert TwilioCredentials.objects.count() == 2


def test_without_a_fake_nobody_stays_connected_to_it(db: None, fake_twilio: FakeTwilio) -> None:
    people.make_people()
    people.connect_people()
    people.forget_connections()
    assert not TwilioCredentials.objects.exists()
