"""Redis stopped, hung, and started again under traffic: everything works but pushes to other processes."""

import json
import time
import uuid
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.servers import Server
from tests.service.service import Person, Service, Timed, hear
from tests.service.test_postgresql_away import OUTAGES, Outage, build_event, end, outage

# Each use of Redis is bounded by one second, and the next ones skip it.
FOUND_SECONDS = 3.0
# What is left is the machine's own time, which may be busy with other tests.
KNOWN_SECONDS = 2.0
SEVERAL = 8


def sign_up(service: Service) -> Timed:
    stranger = Person(service, f"stranger-{uuid.uuid4().hex[:8]}")
    stranger.session.get(f"{service.url}/accounts/signup/", timeout=15)
    fields = {"email": stranger.email, "password1": "a long enough word", "password2": "a long enough word"}
    return stranger.post("/accounts/signup/", fields)


def ask_for_reset(service: Service) -> Timed:
    somebody = Person(service, "alice")
    somebody.session.get(f"{service.url}/accounts/password/reset/", timeout=15)
    return somebody.post("/accounts/password/reset/", {"email": somebody.email})


@pytest.mark.parametrize("begin", OUTAGES)
def test_people_sign_in_up_and_get_tokens_without_redis(service: Service, begin: Outage) -> None:
    service.mail.speak()
    with outage(service.redis, begin):
        first = [timed_sign_in(service, "alice") for _ in range(4)]
        assert [answer.status for answer in first] == [302] * 4
        assert max(answer.seconds for answer in first) < FOUND_SECONDS
        assert sign_up(service).status == 302
        assert ask_for_reset(service).status == 302
        bob = service.sign_in("bob")
        for answer in (bob.ask_token(), service.call_webhook(), bob.get("/")):
            assert answer.status == 200
            assert answer.seconds < FOUND_SECONDS
        ready = service.ready()
        assert (ready.status, ready.seconds < FOUND_SECONDS) == (503, True)
        assert ready.response is not None
        told = ready.response.json()
        assert (told["database"], told["channel_layer"]) == (True, False)
        event_id = str(uuid.uuid4())
        begun = time.monotonic()
        with bob.socket(str(uuid.uuid4())) as socket:
            socket.send(build_event(event_id))
            assert hear(socket, "recorded")["id"] == event_id
        assert time.monotonic() - begun < KNOWN_SECONDS


def timed_sign_in(service: Service, name: str) -> Timed:
    person = Person(service, name)
    return person.sign_in()


def test_what_may_be_tried_is_limited_without_redis_by_all_processes_together(service: Service) -> None:
    service.mail.speak()
    with outage(service.redis, Server.stop):
        carol = service.sign_in("carol")
        answers = [carol.ask_token().status for _ in range(32)]
        assert answers.count(200) <= 30
        assert answers[-1] == 429
        guesser = Person(service, "dave")
        texts = [guesser.sign_in("a wrong guess").response for _ in range(7)]
        assert texts[-1] is not None and "Too many failed login attempts" in texts[-1].text
        # The right one is not taken either.
        right = guesser.sign_in().response
        assert right is not None and "Too many failed login attempts" in right.text


@pytest.mark.parametrize("begin", OUTAGES)
def test_a_page_learns_what_it_missed_once_redis_is_back(service: Service, begin: Outage) -> None:
    alice = service.sign_in("alice")
    with ExitStack() as pages:
        sockets = [pages.enter_context(alice.socket(str(uuid.uuid4()))) for _ in range(SEVERAL)]
        noticed = count_noticed(service)
        begin(service.redis)
        service.wait_for(lambda: count_noticed(service) == noticed + 2, "both workers noticing")
        # By another process, which cannot tell.
        service.query(
            "UPDATE accounts_twiliocredentials SET updated_at = now() WHERE user_id = "
            "(SELECT id FROM accounts_user WHERE email = %s)",
            alice.email,
        )
        end(service.redis)
        begun = time.monotonic()
        for socket in sockets:
            hear(socket, "credentials_changed")
        assert time.monotonic() - begun < 10


def count_noticed(service: Service) -> int:
    return service.read_log().count("Redis is away")


@pytest.mark.parametrize("begin", OUTAGES)
def test_who_signed_out_meanwhile_is_shown_out_in_every_process(service: Service, begin: Outage) -> None:
    alice = service.sign_in("alice")
    with ExitStack() as pages:
        sockets = [pages.enter_context(alice.socket(str(uuid.uuid4()))) for _ in range(SEVERAL)]
        with outage(service.redis, begin):
            answer = alice.post("/accounts/logout/")
            assert (answer.status, answer.seconds < FOUND_SECONDS) == (302, True)
        begun = time.monotonic()
        assert [hear_close(socket) for socket in sockets] == [4401] * SEVERAL
        assert time.monotonic() - begun < 10


def hear_close(socket: ClientConnection) -> int:
    """The code of the socket's end, after whatever else is said."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            json.loads(socket.recv(timeout=15))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0
    return 0


def test_the_first_push_after_a_restart_arrives(service: Service) -> None:
    alice = service.sign_in("alice")
    with ExitStack() as pages:
        sockets = [pages.enter_context(alice.socket(str(uuid.uuid4()))) for _ in range(SEVERAL)]
        service.redis.stop()
        service.redis.start()
        alice.post("/accounts/logout/")
        begun = time.monotonic()
        assert [hear_close(socket) for socket in sockets] == [4401] * SEVERAL
        assert time.monotonic() - begun < 10


def test_in_good_health_a_push_reaches_every_process_at_once(service: Service) -> None:
    alice = service.sign_in("alice")
    with ExitStack() as pages:
        sockets = [pages.enter_context(alice.socket(str(uuid.uuid4()))) for _ in range(SEVERAL)]
        alice.post("/accounts/logout/")
        begun = time.monotonic()
        assert [hear_close(socket) for socket in sockets] == [4401] * SEVERAL
        assert time.monotonic() - begun < 1


def test_a_hung_redis_holds_no_request_of_many(service: Service) -> None:
    alice = service.sign_in("alice")
    with outage(service.redis, Server.hang):
        answers = [alice.ask_token() for _ in range(6)]
    assert max(answer.seconds for answer in answers) < FOUND_SECONDS
    # One in two seconds asks for all the others.
    assert sorted(answer.seconds for answer in answers)[2] < 1
