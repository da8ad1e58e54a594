"""Says that a page has reported something, to whatever joins it with what others know."""

from django.dispatch import Signal

# Arguments: `event`, a DeviceEvent that is new. Sent in the transaction that has stored it.
event_recorded = Signal()
