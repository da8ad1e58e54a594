"""What one load of the phone page reported around an event."""

from datetime import datetime
from functools import cached_property

from django.db import models

from phone.device.events import DeviceEvent


class PageHistory:
    """The events of the same person and page session as `event`."""

    def __init__(self, event: DeviceEvent) -> None:
        self.event = event
        self.events = DeviceEvent.objects.filter(user=event.user, page_session=event.page_session)

    @cached_property
    def last_ready(self) -> DeviceEvent | None:
        before = self.events.filter(state=DeviceEvent.State.READY, pk__lt=self.event.pk)
        ready: DeviceEvent | None = before.order_by("-pk").first()
        return ready

    @property
    def ready_at(self) -> datetime | None:
        """When this page was last ready before the event; None if it never was."""
        return self.last_ready.received_at if self.last_ready else None

    @property
    def is_ready_again(self) -> bool:
        """Whether the page has become ready after the event: what it complained of is over."""
        return bool(self.events.filter(state=DeviceEvent.State.READY, pk__gt=self.event.pk).exists())

    def is_first_since_ready(self, code: int) -> bool:
        """Whether the page was ready, and the event is the first of its `code` since then."""
        if self.last_ready is None:
            return False
        since = self.events.filter(pk__gt=self.last_ready.pk, pk__lt=self.event.pk)
        return not since.filter(models.Q(code=code) | models.Q(original_code=code)).exists()
