"""Says what is told of pages, to whatever joins it with what others know."""

from django.dispatch import Signal

# Arguments: `event`, a DeviceEvent that is new. Sent in the transaction that has stored it.
event_recorded = Signal()
# Somebody may be at their phone who was not, or the other way round; or wants calls, or none; or hears
# themselves. Arguments: `people`, their keys. What has become of them is for whoever hears of it to find out,
# after the commit.
presence_changed = Signal()
