"""What Twilio posts is answered in a thread of its own, as the view by itself would be."""

from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.urls import reverse

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from dognbone.asgi import application, django_application
from dognbone.webhook_requests import MOST_BYTES, WebhookRequests
from fake_twilio import catalogue
from phone.callbacks import views
from phone.calls.call import Call
from phone.device.beside import get_server_loop
from tests.webhook_requests import DEMO_TOKEN, add_number, build_call_sid, make_member, sign

pytestmark = pytest.mark.django_db(transaction=True)
Answer = tuple[int, dict[str, str], str]


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    account = make_member(alice)
    add_number(account, catalogue.DEMO_NUMBER)
    return account


async def post(
    account: TwilioAccount,
    to: Any = application,
    *,
    method: str = "POST",
    name: str = "voice_webhook",
    token: str = DEMO_TOKEN,
    pieces: int = 1,
    more: str = "",
) -> Answer:
    form = {"AccountSid": account.account_sid, "CallSid": build_call_sid(), "From": "+12025550170"}
    form |= {"To": catalogue.DEMO_NUMBER, "CallStatus": "ringing", "More": more}
    path = reverse(name, args=[account.webhook_key])
    body = urlencode(form).encode()
    headers = {
        "host": "testserver",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
        "x-twilio-signature": sign(settings.PUBLIC_URL + path, form, token),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "client": ("127.0.0.1", 4711),
        "server": ("testserver", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asked = ApplicationCommunicator(to, scope)
    size = -(-len(body) // pieces)
    for place in range(pieces):
        piece, is_last = body[place * size : (place + 1) * size], place == pieces - 1
        await asked.send_input({"type": "http.request", "body": piece, "more_body": not is_last})
    start, text = await asked.receive_output(10), b""
    while True:
        message = await asked.receive_output(10)
        text += message.get("body", b"")
        if not message.get("more_body"):
            break
    await asked.wait(10)
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    # A second of the clock.
    told.pop("expires", None)
    return start["status"], told, text.decode()


@pytest.mark.parametrize(
    "changes", [{}, {"token": "0" * 32}, {"name": "call_status"}, {"name": "dial_action"}], ids=str
)
async def test_it_is_answered_as_by_django_alone(changes: dict[str, str], account: TwilioAccount) -> None:
    alone = await post(account, django_application, **changes)
    here = await post(account, WebhookRequests(refuse), **changes)
    assert here == alone
    status, headers, text = await post(account, **changes)
    assert (status, text) == (alone[0], alone[2])
    assert set(alone[1]) <= set(headers)


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("left to Django's own way")


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"pieces": 2}, 200), ({"more": "x" * MOST_BYTES}, 403), ({"method": "GET"}, 403)],
    ids=["in two pieces", "large", "not posted"],
)
async def test_what_is_odd_is_left_to_django_with_all_that_was_sent(
    changes: dict[str, Any], status: int, account: TwilioAccount
) -> None:
    assert (await post(account, **changes))[0] == status
    assert await sync_to_async(Call.objects.count)() == (status == 200)


async def test_a_fault_is_an_apology_and_the_next_is_answered(
    account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(views, "answer_incoming", fail)
        assert (await post(account))[0] == 500
    status, headers, text = await post(account)
    assert (status, headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Dial" in text


async def test_what_pages_are_told_is_told_beside_it(
    account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops = []
    answer_incoming = views.answer_incoming

    def note(*args: Any) -> Any:
        loops.append(get_server_loop())
        return answer_incoming(*args)

    monkeypatch.setattr(views, "answer_incoming", note)
    await post(account)
    assert loops and loops[0] is not None
