"""Pages that are heard of after a silence: all at the same time, as after an outage, together."""

from collections.abc import Sequence

from accounts.gathering import Gathering
from phone.device.silences import Heard, Return, notice_returns
from phone.device.together import together

MOST = 200


async def notice(heard: Sequence[Heard]) -> Sequence[Return | BaseException | None]:
    return await together(notice_returns, heard)


RETURNS: Gathering[Heard, Return | None] = Gathering(notice, most=MOST)
