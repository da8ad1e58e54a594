"""What is done outside a request: nobody waits for it, and nothing of it is lost."""

import json
from collections.abc import Iterator

import pytest

from fake_twilio import catalogue
from tests.service.service import Person, Service
from tests.worker import run_worker

# A request that waits for a mail server takes ten seconds and more.
AT_ONCE = 4
CAROLS = catalogue.account_sid("other")


def forget_proofs(service: Service) -> None:
    service.query("UPDATE accounts_twiliocredentials SET proven_until = NULL")


def count_unended(service: Service) -> int:
    """In one look: a task that is being done may ask for another just before its end."""
    rows = service.query(
        "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status IN ('READY', 'RUNNING')"
    )
    return int(rows[0][0])


def rotate(service: Service) -> None:
    service.twilio.change_account(CAROLS, auth_token="new")
    forget_proofs(service)


def rotate_back(service: Service) -> None:
    service.twilio.change_account(CAROLS, auth_token=catalogue.auth_token("other"))
    forget_proofs(service)


def open_door(service: Service, path: str) -> Person:
    """A browser that nobody has signed in with, on one of the pages before the door."""
    person = Person(service, "alice")
    person.session.get(f"{service.url}{path}", timeout=15)
    return person


def test_a_mail_server_that_says_nothing_and_no_worker_hold_up_nobody_and_lose_nothing(
    service: Service,
) -> None:
    carol = service.sign_in("carol")
    # A verdict that is new to an install as young as this one would be no news.
    service.query("UPDATE accounts_user SET date_joined = now() - interval '30 days'")
    connections = service.mail.connections
    rotate(service)
    try:
        token = carol.ask_token()
        wrong_password = open_door(service, "/accounts/login/").sign_in("not-the-password")
        reset = open_door(service, "/accounts/password/reset/").post(
            "/accounts/password/reset/", {"email": "alice@example.com"}
        )
        sign_up = open_door(service, "/accounts/signup/").post(
            "/accounts/signup/",
            {"email": "erin@example.com", "password1": "a-bone-for-carol", "password2": "a-bone-for-carol"},
        )
    finally:
        rotate_back(service)
    asked = {"token": token, "wrong password": wrong_password, "reset": reset, "sign up": sign_up}
    assert {name: one.status for name, one in asked.items()} == {
        "token": 422,
        "wrong password": 200,
        "reset": 302,
        "sign up": 302,
    }
    assert not {name: one.seconds for name, one in asked.items() if one.seconds > AT_ONCE}
    ready = service.ready()
    assert ready.status == 200 and ready.response is not None
    assert 0 < ready.response.json()["oldest_task_seconds"] < 120
    assert service.mail.connections == connections

    service.mail.speak()
    with run_worker(service.environment):
        service.wait_for(lambda: count_unended(service) == 0, "an empty queue", 40)
    sent = "\n".join(service.mail.mails)
    for expected in (
        "To: carol@example.com",
        "Your Twilio login stopped working",
        "To: alice@example.com",
        "/accounts/password/reset/key/",
        "To: erin@example.com",
        "To: admin@example.com",
        "Never seen before",
    ):
        assert expected in sent, expected
    assert service.query("SELECT count(*) FROM accounts_letter") == [(0,)]


@pytest.fixture
def restored(service: Service) -> Iterator[None]:
    """Afterwards everybody is there and connected again."""
    yield
    service.twilio.control("DELETE", "faults")
    service.mail.speak()
    service.webhook_keys = json.loads(service.run("-m", "tests.service.people").splitlines()[-1])


@pytest.mark.usefixtures("restored")
def test_the_admin_deletes_and_a_person_disconnects_at_once_though_twilio_hangs(service: Service) -> None:
    admin = service.sign_in("admin")
    bob = service.sign_in("bob")
    [(carol,)] = service.query("SELECT id FROM accounts_user WHERE email = 'carol@example.com'")
    service.twilio.add_fault("hang")
    admin.get(f"/admin/accounts/user/{carol}/delete/")
    deleted = admin.post(f"/admin/accounts/user/{carol}/delete/", {"post": "yes"})
    bob.get("/accounts/twilio/")
    disconnected = bob.post("/accounts/twilio/disconnect/")
    assert (deleted.status, disconnected.status) == (302, 302)
    assert max(deleted.seconds, disconnected.seconds) < AT_ONCE
    assert service.query("SELECT count(*) FROM accounts_user WHERE id = %s", carol) == [(0,)]
    service.twilio.control("DELETE", "faults")
    with run_worker(service.environment):
        service.wait_for(
            lambda: service.query("SELECT count(*) FROM accounts_errand WHERE ended_at IS NULL") == [(0,)],
            "everything cleared away",
            40,
        )
    accounts = service.twilio.control("GET", "state")["accounts"]
    hers = next(one for one in accounts if one["sid"] == CAROLS)
    assert not [one for one in (*hers["keys"], *hers["applications"]) if one["friendly_name"] == "Dog n Bone"]


@pytest.mark.parametrize(("how", "whose"), [("stopped", "bob"), ("hung", "carol")])
def test_a_worker_outlives_a_database_that_is_away(service: Service, how: str, whose: str) -> None:
    service.mail.speak()
    with run_worker(service.environment) as worker:
        if how == "stopped":
            service.postgresql.stop()
            service.postgresql.start()
        else:
            service.postgresql.hang()
            service.postgresql.wake()
        service.wait_for(lambda: service.ready().status == 200, "a ready service", 40)
        before = len(service.mail.mails)
        # The server itself may still meet connections that died; this is about the worker.
        service.wait_for(lambda: ask_for_reset(service, whose) == 302, "a reset that was asked for")
        service.wait_for(lambda: len(service.mail.mails) > before, "the letter", 40)
        assert worker.poll() is None


def test_a_letter_whose_worker_lost_the_database_meanwhile_is_not_left_lying(service: Service) -> None:
    connections = service.mail.connections
    service.wait_for(lambda: ask_for_reset(service, "dave") == 302, "a reset that was asked for")
    with run_worker(service.environment):
        service.wait_for(lambda: service.mail.connections > connections, "a worker that sends it")
        service.postgresql.stop()
        sent = len(service.mail.mails)
        service.mail.speak()
        service.wait_for(lambda: len(service.mail.mails) > sent, "the letter")
        service.postgresql.start()
        service.wait_for(lambda: service.ready().status == 200, "a ready service", 40)
        # Its lease would be ten minutes.
        service.wait_for(lambda: count_unended(service) == 0, "the end of the task", 40)
    assert service.query("SELECT count(*) FROM accounts_letter") == [(0,)]


def ask_for_reset(service: Service, name: str) -> int:
    """For another person in each test, because nobody is sent two letters within a minute."""
    address = "/accounts/password/reset/"
    return open_door(service, address).post(address, {"email": f"{name}@example.com"}).status
