"""Says what is told of pages, to whatever joins it with what others know."""

from collections.abc import Callable

from django.dispatch import Signal

from phone.device.events import DeviceEvent
from phone.device.frames import Report

# Arguments: `events`, DeviceEvents that are new, of many people, in the order in which they came. Sent in the
# transaction that has stored them; whoever hears it makes no question for each of them.
events_recorded = Signal()
# Somebody may be at their phone who was not, or the other way round; or wants calls, or none; or hears
# themselves. Arguments: `people`, their keys. What has become of them is for whoever hears of it to find out,
# after the commit.
presence_changed = Signal()

Choice = Callable[[Report | DeviceEvent], bool]

_choices: list[Choice] = []


def write_apart(choice: Choice) -> Choice:
    """Has the reports that `choice` is true of written in a transaction of their own.

    For those on which something is locked that others may hold, or much is done: everybody's would wait for
    it. Called for each report that comes, so it asks nobody.
    """
    if choice not in _choices:
        _choices.append(choice)
    return choice


def is_written_apart(report: Report) -> bool:
    return any(choice(report) for choice in _choices)
