"""The Device's audit trail: each report of a page, once, as it was told and as it arrived."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor

# The page reports a Call's own errors under names that begin so; no event of the Device does.
CALL_EVENT = "call"
# What the SDK calls it that a Device can be rung, and what a page says last that is closed or loaded anew.
REGISTERED, LEFT = "registered", "destroyed"
# And why it has no Device under these: another tab is the phone, or another browser.
SPARE_EVENTS = ("other-tab", "other-device")


class DeviceEvent(AppendOnlyModel):
    """What one browser reported of its Twilio Device, and when the report arrived."""

    append_only = AppendOnlyRule(KeptFor("received_at", days=180), by_month="event_id")

    class State(models.TextChoices):
        CONNECTING = "connecting", pgettext_lazy("Device", "Connecting")
        READY = "ready", pgettext_lazy("Device", "Ready")
        OFFLINE = "offline", pgettext_lazy("Device", "Offline")
        ERROR = "error", pgettext_lazy("Device", "Error")
        INCOMING = "incoming", pgettext_lazy("Device", "Incoming")
        CONNECT = "connect", pgettext_lazy("Device", "Connect")
        DISCONNECT = "disconnect", pgettext_lazy("Device", "Disconnect")
        CANCEL = "cancel", pgettext_lazy("Device", "Cancel")

    # True on the row that a repeated report is answered with; nothing new was stored for it.
    is_repeat = False

    event_id = models.UUIDField(
        _("event id"), help_text=_("Made by the browser, so that a resend is the same row.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="device_events",
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(_("email"), max_length=254)
    account_sid = models.CharField("Account SID", max_length=34, blank=True)
    page_session = models.UUIDField(
        _("page session"), db_index=True, help_text=_("One load of the phone page.")
    )
    seq = models.PositiveBigIntegerField(_("seq"), help_text=_("The page's own count."))
    state = models.CharField(_("state"), max_length=12, choices=State)
    sdk_event = models.CharField(_("SDK event"), max_length=64)
    code = models.IntegerField(_("code"), null=True)
    original_code = models.IntegerField(_("original code"), null=True)
    message = models.CharField(_("message"), max_length=1000, blank=True)
    reported_at = models.DateTimeField(_("reported at"), help_text=_("By the browser's clock."))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)

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
        verbose_name = _("device event")
        verbose_name_plural = _("device events")

    @property
    def is_of_call(self) -> bool:
        """Whether it tells of a call, whose fate says nothing about the Device that it came to."""
        return is_of_call(self.state, self.sdk_event)

    @property
    def is_of_spare(self) -> bool:
        """Whether it tells that another page is the phone, so that this one needs no Device."""
        return self.sdk_event in SPARE_EVENTS

    def __str__(self) -> str:
        words = gettext("{email} {state} ({event}) at {time}")
        return words.format(
            email=self.email,
            state=name_state(self.state),
            event=self.sdk_event,
            time=f"{self.received_at:%H:%M:%S}",
        )


# Within a sentence.
STATES = {
    DeviceEvent.State.CONNECTING: pgettext_lazy("Device", "connecting"),
    DeviceEvent.State.READY: pgettext_lazy("Device", "ready"),
    DeviceEvent.State.OFFLINE: pgettext_lazy("Device", "offline"),
    DeviceEvent.State.ERROR: pgettext_lazy("Device", "error"),
    DeviceEvent.State.INCOMING: pgettext_lazy("Device", "incoming"),
    DeviceEvent.State.CONNECT: pgettext_lazy("Device", "connect"),
    DeviceEvent.State.DISCONNECT: pgettext_lazy("Device", "disconnect"),
    DeviceEvent.State.CANCEL: pgettext_lazy("Device", "cancel"),
}


def name_state(state: str) -> str:
    """A Device's state in the middle of a sentence; one that a former version knew stands for itself."""
    return str(STATES[DeviceEvent.State(state)]) if state in DeviceEvent.State else state


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
