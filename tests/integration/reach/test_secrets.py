"""The whole journey with known secrets, and then a look into everything that is left of it.

What each secret may stand in is written in `docs/security.md`, “Secrets”; it stands nowhere else.
"""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from asgiref.sync import async_to_sync
from django.conf import settings as current
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from dognbone.log_lines import JsonFormatter, LineFormatter
from fake_twilio import catalogue
from fake_twilio.store import make_secret
from tests.device_socket import build_error, build_socket
from tests.fake_control import FakeTwilio
from tests.integration.reach.tables import read_table
from tests.tasks import read_outbox, run_tasks
from tests.webhook_requests import DEMO_SID, build_call_sid, post

EMAIL = "journey@example.com"
PASSWORDS = {name: make_secret(f"the {name} of the journey") for name in ("password", "new password", "typo")}
METRICS_TOKEN = make_secret("for the metrics of the journey")
AUTH_TOKEN, WRONG_TOKEN = catalogue.auth_token(catalogue.DEMO), make_secret("a wrong Auth Token")
KEY_SID = catalogue.key_sid(f"{catalogue.DEMO} standard")
KEY_SECRET = catalogue.key_secret(f"{catalogue.DEMO} standard")
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Journey:
    """One person's way from the door to a call, with everything that anybody was told of it on the way."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.secrets = {**PASSWORDS, "metrics token": METRICS_TOKEN}
        self.secrets |= {"Auth Token": AUTH_TOKEN, "wrong Auth Token": WRONG_TOKEN}
        self.secrets |= {"API key secret": KEY_SECRET, "TOTP secret": TOTP_SECRET}
        self.secrets |= {f"key that seals, {place}": key for place, key in enumerate(current.CREDENTIAL_KEYS)}
        self.told: dict[str, list[str]] = {"answers": [], "frames": [], "letters": []}

    def get(self, path: str) -> Any:
        return self.keep(self.client.get(path, follow=True))

    def post(self, path: str, **fields: str) -> Any:
        return self.keep(self.client.post(path, fields, follow=True))

    def keep(self, answer: Any) -> Any:
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.told["answers"].append(f"{content.decode(errors='replace')}\n{answer.headers}")
        self.note_session()
        return answer

    def note_session(self) -> None:
        cookie = self.client.cookies.get(current.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            self.secrets[f"session cookie {cookie.value[:4]}"] = cookie.value


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, at DEBUG, as both of the product's formats write it."""
    written, root = io.StringIO(), logging.getLogger()
    handlers = []
    for formatter in (JsonFormatter(), LineFormatter("{levelname} {name}: {message}", style="{")):
        handler = logging.StreamHandler(written)
        handler.setFormatter(formatter)
        handlers.append(handler)
        root.addHandler(handler)
    before, root.level = root.level, logging.DEBUG
    yield written
    root.level = before
    for handler in handlers:
        root.removeHandler(handler)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("debug", [False, True])
def test_no_secret_is_left_anywhere_but_where_it_is_sealed(
    debug: bool, fake_twilio: FakeTwilio, log: io.StringIO, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG, settings.METRICS_TOKEN = debug, METRICS_TOKEN
    journey = Journey()
    come_in(journey)
    connect(journey)
    invite(journey)
    call(journey)
    async_to_sync(speak_on_socket)(journey)
    break_down(journey, monkeypatch)
    set_up_second_factor(journey)
    metrics = Client().get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert metrics.status_code == 200
    run_tasks()
    journey.told["letters"] += [f"{letter.subject}\n{letter.body}" for letter in mail.outbox]
    places = {
        **{kind: "\n".join(texts) for kind, texts in journey.told.items()},
        "log": log.getvalue(),
        "metrics": metrics.content.decode(),
        "processes": "\n".join(read_processes()),
        **dict(read_database()),
    }
    assert "It broke" in places["log"] and "dognbone_" in places["metrics"]
    found = {
        (name.partition(" cookie")[0] if "cookie" in name else name, place)
        for name, secret in journey.secrets.items()
        for place, text in places.items()
        if secret in text
    }
    allowed = {tuple(re.findall("`([^`]+)`", row)) for row in read_table("Where each may be read")}
    assert found - allowed == set()


def come_in(journey: Journey) -> None:
    """Signs up, mistypes, forgets the password and sets another."""
    password = PASSWORDS["password"]
    journey.post("/accounts/signup/", email=EMAIL, password1=password, password2=password)
    assert User.objects.filter(email=EMAIL).exists()
    journey.post("/accounts/logout/")
    journey.post("/accounts/login/", login=EMAIL, password=PASSWORDS["typo"])
    journey.post("/accounts/password/reset/", email=EMAIL)
    link = re.findall(r"/accounts/password/reset/key/[^\s]+", read_outbox()[-1].body)[0]
    journey.secrets["reset key"] = link.rstrip("/").rpartition("/")[2].partition("-")[2]
    form = journey.get(link)
    new = PASSWORDS["new password"]
    journey.post(form.request["PATH_INFO"], password1=new, password2=new)
    journey.post("/accounts/login/", login=EMAIL, password=new)
    assert journey.get("/accounts/twilio/").status_code == 200


def connect(journey: Journey) -> None:
    typed = {"account_sid": DEMO_SID, "api_key_sid": KEY_SID, "api_key_secret": KEY_SECRET, "region": "us1"}
    journey.post("/accounts/twilio/", **typed, auth_token=WRONG_TOKEN)
    # In each other's fields: kept, sealed, for the click that swaps them.
    journey.post("/accounts/twilio/", **{**typed, "account_sid": AUTH_TOKEN}, auth_token=DEMO_SID)
    journey.post("/accounts/twilio/", **typed, auth_token=AUTH_TOKEN)
    assert TwilioCredentials.objects.get().verdict == "ok"
    run_tasks()
    journey.secrets["webhook key"] = TwilioAccount.objects.get().webhook_key
    for path in ("/", "/accounts/twilio/", "/phone/settings/"):
        journey.get(path)
    journey.post("/phone/check/")


def invite(journey: Journey) -> None:
    """A colleague, who looks at the page that the link leads to, in a browser of their own."""
    journey.post("/accounts/people/invite/", email="newcomer@example.com", may_call_out="on")
    link = re.findall(r"/accounts/people/join/[^\s]+", read_outbox()[-1].body)[0]
    journey.secrets["invitation key"] = link.rstrip("/").rpartition("/")[2]
    assert journey.keep(Client().get(link)).status_code == 200
    assert journey.keep(Client().get(link[:-4] + "/")).status_code == 410
    assert journey.get("/accounts/people/").status_code == 200


def call(journey: Journey) -> None:
    """A token for a Device, and webhooks: genuine, and with the right address but a wrong signature."""
    answer = journey.client.post("/phone/token/")
    journey.secrets["access token"] = answer.json()["token"]
    account, person = TwilioAccount.objects.get(), User.objects.get(email=EMAIL)
    genuine = {"From": f"client:{person.identity}", "To": catalogue.ECHO_NUMBER}
    assert post("voice_webhook", account, CallSid=build_call_sid("secret"), **genuine).status_code == 200
    assert post("voice_webhook", account, signature="made up", **genuine).status_code == 403


async def speak_on_socket(journey: Journey) -> None:
    socket = build_socket(journey.client)
    assert await socket.connect()
    await socket.tell(**build_error(20101, message=f"token {journey.secrets['access token'][:9]} refused"))
    await socket.tell(type="echo", id=str(uuid4()))
    while True:
        frame = await socket.hear()
        journey.told["frames"].append(json.dumps(frame))
        if frame["type"] == "echo":
            break
    await socket.disconnect()


def break_down(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours with all of it at hand, on the page and in the log."""

    def break_it(*args: Any, **kwargs: Any) -> Any:
        auth_token, key_secret = AUTH_TOKEN, KEY_SECRET  # noqa: F841
        raise RuntimeError("It broke")

    with monkeypatch.context() as patch:
        patch.setattr("phone.views.issue_token", break_it)
        patch.setattr("accounts.twilio.views.read_attempt", break_it)
        assert journey.post("/phone/token/").status_code == 500
        typed = {"account_sid": DEMO_SID, "auth_token": AUTH_TOKEN, "api_key_secret": KEY_SECRET}
        assert journey.post("/accounts/twilio/", **typed).status_code == 500


def set_up_second_factor(journey: Journey) -> None:
    TOTP.activate(User.objects.get(email=EMAIL), TOTP_SECRET)
    assert journey.get("/accounts/2fa/").status_code == 200


def read_database() -> Iterator[tuple[str, str]]:
    """Each column by name, with all that it holds; of sessions also what is packed in them."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for name, values in zip(names, zip(*cursor.fetchall(), strict=True), strict=False):
                yield f"{table}.{name}", "\n".join(map(read_value, values))
    store = SessionStore()
    yield (
        "what sessions hold",
        "\n".join(str(store.decode(one.session_data)) for one in Session.objects.all()),
    )


def read_value(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def read_processes() -> Iterator[str]:
    """The command lines that everybody on the machine may read (Linux)."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().decode(errors="replace")
        except OSError:
            continue
