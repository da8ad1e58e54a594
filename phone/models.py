"""The Device's audit trail, the tokens issued, the calls, and the webhooks turned away."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Right
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor


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

    def __str__(self) -> str:
        return f"{self.email} {self.state} ({self.sdk_event}) at {self.received_at:%H:%M:%S}"


class DevicePresence(models.Model):
    """Whether one load of the phone page is there now: its socket, its Device's state, its heartbeat."""

    kept_for = KeptFor("last_alive_at", days=30)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="device_presences"
    )
    page_session = models.UUIDField()
    socket = models.UUIDField(help_text="The newest socket of this page; an older one's end means nothing.")
    state = models.CharField(max_length=12, choices=DeviceEvent.State, default=DeviceEvent.State.CONNECTING)
    connected_at = models.DateTimeField(default=timezone.now)
    last_alive_at = models.DateTimeField(default=timezone.now, db_index=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "device presence"
        constraints = [
            models.UniqueConstraint(fields=["user", "page_session"], name="one_presence_per_page_session")
        ]
        ordering = ["-last_alive_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.state}, alive at {self.last_alive_at:%H:%M:%S}"


class DeviceSilence(AppendOnlyModel):
    """A page whose Device was registered and that stopped answering: noticed by the server, not reported."""

    append_only = AppendOnlyRule(KeptFor("began_at", days=180), may_change=("ended_at",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="device_silences"
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(max_length=254)
    page_session = models.UUIDField()
    began_at = models.DateTimeField(help_text="When the page was last heard of.")
    noticed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, help_text="When the page was heard of again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "page_session"],
                condition=models.Q(ended_at=None),
                name="one_open_silence_per_page_session",
            )
        ]
        indexes = [
            models.Index(fields=["-began_at", "-id"], name="device_silence_newest"),
            models.Index(fields=["user", "-began_at"], name="device_silence_of_person"),
        ]
        ordering = ["-began_at", "-id"]

    def __str__(self) -> str:
        return f"{self.email} silent from {self.began_at:%Y-%m-%d %H:%M:%S}"


class IssuedToken(AppendOnlyModel):
    """That a token was issued; never the token."""

    append_only = AppendOnlyRule(KeptFor("issued_at", days=180))

    class Kind(models.TextChoices):
        ACCESS = "access"
        CAPABILITY = "capability"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    identity = models.CharField(max_length=121)
    email = models.CharField(max_length=254)
    account_sid = models.CharField("Account SID", max_length=34)
    kind = models.CharField(max_length=10, choices=Kind)
    jti = models.CharField(max_length=100, blank=True)
    issued_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField()
    page_session = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-issued_at"], name="issued_token_of_person")]
        ordering = ["-issued_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} token for {self.email} at {self.issued_at:%H:%M:%S}"


class Call(models.Model):
    """A call as Twilio's webhooks tell it: its times are Twilio's where told, else the server's."""

    kept_for = KeptFor("started_at", days=730)

    class Direction(models.TextChoices):
        OUTGOING = "outgoing"
        INCOMING = "incoming"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call_sid = models.CharField(max_length=34, unique=True)
    account = models.ForeignKey("accounts.TwilioAccount", on_delete=models.CASCADE, related_name="calls")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="calls",
        help_text="Who called, or who answered.",
    )
    direction = models.CharField(max_length=10, choices=Direction)
    from_address = models.CharField(max_length=140, help_text="E.164, or client:identity")
    to_address = models.CharField(max_length=140, help_text="E.164, or client:identity")
    status = models.CharField(max_length=20, help_text="Twilio's CallStatus or DialCallStatus")
    error_code = models.PositiveIntegerField(null=True)
    ending = models.CharField(
        max_length=200, blank=True, help_text="What the caller was told instead of being connected."
    )
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-started_at"], name="call_of_person"),
            models.Index(Right("call_sid", 4), name="call_of_sid_tail"),
        ]
        permissions = [("unmask_call", "Can see full phone numbers of calls")]
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.direction} call {self.call_sid[-6:]}, {self.status}"


class WebhookRefusal(AppendOnlyModel):
    """A request to a webhook that was answered 403, and why."""

    append_only = AppendOnlyRule(KeptFor("refused_at", days=180))

    refused_at = models.DateTimeField(default=timezone.now, db_index=True)
    reason = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    account_sid = models.CharField("Account SID", max_length=64, blank=True, help_text="As posted.")
    call_sid = models.CharField(max_length=64, blank=True, help_text="As posted.")
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-refused_at", "-id"]

    def __str__(self) -> str:
        return f"{self.reason} at {self.refused_at:%Y-%m-%d %H:%M:%S}"
