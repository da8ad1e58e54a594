"""The Device's audit trail: each report of a page, once, as it was told and as it arrived."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor

# The page reports a Call's own errors under names that begin so; no event of the Device does.
CALL_EVENT = "call"
# And why it has no Device under these: another tab is the phone, or another browser.
SPARE_EVENTS = ("other-tab", "other-device")


class DeviceEvent(AppendOnlyModel):
    """What one browser reported of its Twilio Device, and when the report arrived."""

    append_only = AppendOnlyRule(KeptFor("received_at", days=180))

    class State(models.TextChoices):
        CONNECTING = "connecting"
        READY = "ready"
        OFFLINE = "offline"
        ERROR = "error"
        INCOMING = "incoming"
        CONNECT = "connect"
        DISCONNECT = "disconnect"
        CANCEL = "cancel"

    # True on the row that a repeated report is answered with; nothing new was stored for it.
    is_repeat = False

    event_id = models.UUIDField(help_text="Made by the browser, so that a resend is the same row.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="device_events"
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(max_length=254)
    account_sid = models.CharField("Account SID", max_length=34, blank=True)
    page_session = models.UUIDField(db_index=True, help_text="One load of the phone page.")
    seq = models.PositiveBigIntegerField(help_text="The page's own count.")
    state = models.CharField(max_length=12, choices=State)
    sdk_event = models.CharField("SDK event", max_length=64)
    code = models.IntegerField(null=True)
    original_code = models.IntegerField(null=True)
    message = models.CharField(max_length=1000, blank=True)
    reported_at = models.DateTimeField(help_text="By the browser's clock.")
    received_at = models.DateTimeField(default=timezone.now)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "event_id"], name="one_row_per_device_event")
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="device_event_newest"),
            models.Index(fields=["user", "-received_at"], name="device_event_of_person"),
            models.Index(fields=["account_sid", "-received_at"], name="device_event_of_account"),
            models.Index(fields=["state", "-received_at"], name="device_event_of_state"),
            models.Index(
                fields=["code", "-received_at"],
                name="device_event_of_code",
                condition=models.Q(code__isnull=False),
            ),
        ]
        ordering = ["-received_at", "-id"]

    @property
    def is_of_call(self) -> bool:
        """Whether it tells of a call, whose fate says nothing about the Device that it came to."""
        return is_of_call(self.state, self.sdk_event)

    @property
    def is_of_spare(self) -> bool:
        """Whether it tells that another page is the phone, so that this one needs no Device."""
        return self.sdk_event in SPARE_EVENTS

    def __str__(self) -> str:
        return f"{self.email} {self.state} ({self.sdk_event}) at {self.received_at:%H:%M:%S}"


CALL_STATES = frozenset(
    {
        DeviceEvent.State.INCOMING,
        DeviceEvent.State.CONNECT,
        DeviceEvent.State.DISCONNECT,
        DeviceEvent.State.CANCEL,
    }
)


def is_of_call(state: str, sdk_event: str) -> bool:
    """Whether a report tells of a call and not of the Device."""
    return state in CALL_STATES or sdk_event.startswith(CALL_EVENT)
