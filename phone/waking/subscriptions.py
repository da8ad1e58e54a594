"""The table of browsers that their people want woken for calls, and what a push service told of each.

The address at the push service and the keys are sealed: whoever has them all can push to that browser, and
read nothing. One is found again by the hash of its address.
"""

import hashlib
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.sealing.fields import SealedField

# Browsers of one person; the one that was not seen for longest gives way.
MOST_BROWSERS = 10
NAME_LENGTH = 60
# In a row; a page that is opened there begins anew.
MOST_FAILURES = 5


@dataclass(frozen=True)
class Address:
    """Where a browser's push service takes messages for it, and what they are sealed with for it alone."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.endpoint.encode()).hexdigest()


class PushSubscription(models.Model):
    """One browser of one person, for as long as the sign-in that asked for it lasts."""

    kept_for = KeptFor("seen_at", days=90)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = SealedField()
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = SealedField()
    auth = SealedField()
    session_key = models.CharField(max_length=40, db_index=True, help_text="The sign-in that it is of.")
    browser = models.CharField(max_length=NAME_LENGTH, help_text="Its name and system.")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When a page there last said that it stands."
    )
    sent_at = models.DateTimeField(null=True, help_text="When the push service last took a message.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Since it last took one.")
    failed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen_at"]
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")

    def __str__(self) -> str:
        return gettext("{browser} of {person}").format(browser=self.browser, person=self.user)

    @property
    def address(self) -> Address:
        """Raises UnsealError."""
        return Address(self.endpoint.reveal(), self.p256dh.reveal(), self.auth.reveal())


def get_awake() -> "models.QuerySet[PushSubscription]":
    """Those whose sign-in goes on: a browser that is signed out is told nothing of anybody's calls.

    Nor is one whose push service has failed again and again, for which callers would wait in vain.
    """
    signed_in = Session.objects.filter(
        session_key=models.OuterRef("session_key"), expire_date__gt=timezone.now()
    )
    return PushSubscription.objects.filter(models.Exists(signed_in), failures__lt=MOST_FAILURES)


def keep_subscription(*, person: User, session_key: str, browser: str, address: Address) -> PushSubscription:
    """The browser's row, new or as it was. A browser is whoever's signed in there last."""
    try:
        return keep(person, session_key, browser, address)
    except IntegrityError:
        # Two pages of it have said so at once, and the other was first.
        return keep(person, session_key, browser, address)


@transaction.atomic
def keep(person: User, session_key: str, browser: str, address: Address) -> PushSubscription:
    known = PushSubscription.objects.select_for_update().filter(endpoint_hash=address.hash).first()
    kept = known or PushSubscription(endpoint_hash=address.hash)
    if kept.user_id != person.pk:
        kept.created_at = timezone.now()
    kept.user, kept.session_key, kept.browser = person, session_key, browser[:NAME_LENGTH]
    kept.endpoint, kept.p256dh, kept.auth = address.endpoint, address.p256dh, address.auth
    kept.seen_at, kept.failures = timezone.now(), 0
    kept.save()
    surplus = PushSubscription.objects.filter(user=person).order_by("-seen_at").values_list("pk", flat=True)
    PushSubscription.objects.filter(pk__in=list(surplus[MOST_BROWSERS:])).delete()
    return kept


def forget_subscription(*, person: User, endpoint: str) -> bool:
    """Whether there was one of that address, of theirs."""
    address = Address(endpoint, "", "")
    return PushSubscription.objects.filter(user=person, endpoint_hash=address.hash).delete()[0] > 0


def forget_session(session_key: str) -> None:
    """Somebody has signed out there."""
    PushSubscription.objects.filter(session_key=session_key).delete()


def forget_person(person: User) -> None:
    """All other sign-ins of theirs have ended; a page that is still signed in asks anew."""
    PushSubscription.objects.filter(user=person).delete()
