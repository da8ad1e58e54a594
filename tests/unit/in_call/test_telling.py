"""When pages are told what has become of a call: not in the request, and of one thing after the other."""

import asyncio
import threading
import uuid
from collections.abc import Collection
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from phone.in_call import telling

PATIENCE = 10.0


async def test_what_changes_while_pages_are_told_is_told_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on, read, sent = threading.Semaphore(0), threading.Event(), [], []

    def build(call_ids: Collection[uuid.UUID]) -> dict[int, Any]:
        read.append(set(call_ids))
        begun.release()
        assert go_on.wait(PATIENCE)
        if len(read) == 1:
            raise ZeroDivisionError("what a telling dies of is not the next one's")
        return {7: "frame"}

    async def send(frames: dict[int, Any]) -> None:
        sent.append(frames)

    monkeypatch.setattr(telling, "build_frames", build)
    monkeypatch.setattr(telling, "send_to_users", send)
    first, second, third = (uuid.uuid4() for _ in range(3))
    in_request = sync_to_async(telling.tell_people, thread_sensitive=False)
    await in_request(first)
    assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
    # No request waits for what is being told.
    for call_id in (second, third, second):
        await in_request(call_id)
    go_on.set()
    async with asyncio.timeout(PATIENCE):
        while not sent:
            await asyncio.sleep(0.01)
    assert (read, sent) == ([{first}, {second, third}], [{7: "frame"}])
