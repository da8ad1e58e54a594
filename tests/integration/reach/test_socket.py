"""Who can say what on the Device's socket, beside the table in `docs/security.md`."""

import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.test import Client

from accounts.people import User
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from tests.conftest import signed_in
from tests.connections import connect
from tests.device_socket import DeviceSocket, build_event, build_socket
from tests.fake_control import FakeTwilio
from tests.integration.reach.tables import compare

EVENT, PAGE = uuid.UUID(int=11), uuid.UUID(int=12)
FRAMES: dict[str, dict[str, Any]] = {
    "event": build_event(id=str(EVENT), state="error", sdk_event="error", code=31005),
    "alive": {"type": "alive", "state": "error"},
    "echo": {"type": "echo", "id": str(EVENT)},
    "renew": {"type": "renew"},
    "anything else": {"type": "calls", "id": str(EVENT)},
}


@pytest.mark.django_db(transaction=True)
def test_every_frame_is_answered_as_the_table_says(
    alice: User, mallory: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    connect(mallory, "other")
    stranger = User.objects.create_user("jo@example.com")
    rows = []
    for name, frame in FRAMES.items():
        member = async_to_sync(say)(signed_in(alice), frame)
        if name == "event":
            known = list(DeviceEvent.objects.values())
        words = [
            async_to_sync(say)(None, frame),
            async_to_sync(say)(signed_in(stranger), frame),
            member,
            async_to_sync(say)(signed_in(alice), frame, ends_sign_in=True),
        ]
        pages = DevicePresence.objects.filter(user=alice).order_by("pk")
        before = list(pages.values())
        words.append(async_to_sync(say)(signed_in(mallory), frame))
        assert list(pages.values()) == before
        rows.append((f"`{name}`", *words))
    # What another person sent under the same ids is another row, and the member's is as it was.
    assert list(DeviceEvent.objects.filter(user=alice).values()) == known
    assert DeviceEvent.objects.get(user=mallory).event_id == EVENT
    assert DevicePresence.objects.filter(user=mallory, page_session=PAGE).count() == 1
    compare("Frames from a page", rows)


async def say(client: Client | None, frame: dict[str, Any], *, ends_sign_in: bool = False) -> str:
    """What the server answers to a frame of a page whose id is always the same: the type of its answer."""
    socket = build_socket(client, query=f"page_session={PAGE}")
    assert await socket.connect()
    if client is None or ends_sign_in:
        if client is not None:
            await database_sync_to_async(client.logout)()
        assert (await hear(socket))["type"] == "signed_out"
        word = f"closed, {await socket.hear_close()}"
        await socket.tell(**frame)
        assert await socket.receive_nothing()
        await socket.disconnect()
        return word
    await socket.tell(**frame)
    # Its answer comes after whatever is said of the frame; what is written or asks Twilio takes its time.
    if frame["type"] not in ("event", "renew"):
        await socket.tell(type="echo", id=str(uuid.UUID(int=99)))
    heard = await hear(socket)
    await socket.disconnect()
    is_ours = heard["type"] == "echo" and heard["id"] == str(uuid.UUID(int=99))
    return "taken" if is_ours else f"`{heard['type']}`"


async def hear(socket: DeviceSocket) -> dict[str, Any]:
    """What is said to this page, without what it is told of its own accord as it opens."""
    while (frame := await socket.hear())["type"] in ("do_not_disturb", "credentials_changed"):
        pass
    return frame
