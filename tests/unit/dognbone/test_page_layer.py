"""The channel layer of one process: whoever is in a group hears what is sent there, at once and in order."""

import asyncio
from typing import Any

from dognbone.page_layer import PageLayer


async def test_who_is_in_a_group_hears_at_once_and_in_order_until_they_leave() -> None:
    layer = PageLayer()
    hers: list[Any] = []
    his: list[Any] = []
    for channel, heard in (("hers", hers), ("his", his)):
        layer.attach(channel, heard.append)
        layer.join(("all", channel), channel)
    await layer.groups_send([(("all",), {"type": "first"}), (("hers", "nobodys"), {"type": "second"})])
    assert (hers, his) == ([{"type": "first"}, {"type": "second"}], [{"type": "first"}])
    layer.leave(("all", "hers"), "hers")
    await layer.group_send("all", {"type": "third"})
    assert (len(hers), his[-1]) == (2, {"type": "third"})
    layer.leave(("all", "his"), "his")
    assert not layer.groups and not layer.hearers, "nothing is left of a page that has gone"


async def test_a_page_hears_on_its_own_event_loop_whichever_loop_sends() -> None:
    layer, heard = PageLayer(), asyncio.Event()
    layer.attach("page", lambda message: heard.set())
    layer.join(("all",), "page")
    await asyncio.to_thread(lambda: asyncio.run(layer.group_send("all", {"type": "word"})))
    async with asyncio.timeout(5):
        await heard.wait()
