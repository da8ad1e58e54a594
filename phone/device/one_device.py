"""Who wants only one of their browsers to ring, and which that is: the newest to have said so.

A page says so by `claim()`: firmly when it is opened or somebody presses "Use it here", else only where
nobody has the phone. All that is known of it is in the database, for every worker and over restarts. The
others are told by `taken_over`, and let their Devices go once no call is going on in them.

While somebody wants all to ring, which is how it is at first, there is no row.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.browsers import describe_browser, word_browser
from accounts.clients import ClientInfo
from accounts.languages import speaking_to
from accounts.moments import write_minute
from accounts.people import User
from accounts.push import push_to_user
from accounts.statements import GivenMany, Question
from phone.device.presence import SILENT_AFTER, PageKey, get_presence, get_ringable

# A page that is loaded anew, or whose socket is, is back by then.
BACK_WITHIN = timedelta(seconds=10)

ALL_RING: dict[str, Any] = {"type": "all_ring"}
TAKEN_OVER = "taken_over"


class OneDevice(models.Model):
    """That only one of a person's browsers is to ring, and the page that is their phone."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="one_device"
    )
    page_session = models.UUIDField(null=True, help_text="Whose Device rings; none until a page says so.")
    browser = models.CharField(max_length=80, blank=True, help_text="Its browser and machine, in words.")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("one device")
        verbose_name_plural = _("one device")

    def __str__(self) -> str:
        words = gettext("{person} in {browser} since {minute}")
        browser = self.browser or gettext("no browser")
        return words.format(person=self.user, browser=browser, minute=write_minute(self.since))

    def is_there(self, now: datetime) -> bool:
        """Whether the page that is the phone is still open, or may be back in a moment."""
        if self.page_session is None:
            return False
        page = get_presence(self.user, self.page_session).first()
        if page is None:
            # Its socket may be a moment late, or not get through at all.
            return now - self.since < SILENT_AFTER
        if page.disconnected_at and page.disconnected_at <= now - BACK_WITHIN:
            return False
        return page.last_alive_at > now - SILENT_AFTER


@dataclass(frozen=True)
class Whereabouts:
    """Whether the phone is in the page that asks, and else where: `browser` as it is kept."""

    is_here: bool
    browser: str = ""
    since: datetime | None = None

    @property
    def where(self) -> str:
        """In the language that is spoken."""
        return word_browser(self.browser)

    def as_json(self) -> dict[str, Any]:
        return {"where": self.where, "since": self.since.isoformat() if self.since else None}


HERE = Whereabouts(is_here=True)


def wants_one_device(person: User) -> bool:
    return OneDevice.objects.filter(user=person).exists()


@transaction.atomic
def claim(*, user: User, page_session: uuid.UUID, client: ClientInfo, is_firm: bool) -> Whereabouts:
    """A page says that the phone is in it: the others are told. Every page's is, where all may ring."""
    one = OneDevice.objects.select_for_update().filter(user=user).first()
    if one is None or one.page_session == page_session:
        return HERE
    if not is_firm and one.is_there(timezone.now()):
        return Whereabouts(False, one.browser, one.since)
    give(one, page_session, describe_browser(client.user_agent))
    return HERE


@transaction.atomic
def switch_one_device(
    person: User, *, is_on: bool, page_session: uuid.UUID | None, client: ClientInfo
) -> bool:
    """Turns the setting. `page_session`: the phone of the browser in which it is turned on, which keeps it.

    Whether it was the other way before.
    """
    if not is_on:
        is_changed = OneDevice.objects.filter(user=person).delete()[0] > 0
        push_to_user(person.pk, ALL_RING)
        return is_changed
    one, is_new = OneDevice.objects.get_or_create(user=person)
    if is_new:
        where = describe_browser(client.user_agent)
        if page_session is None:
            newest = get_ringable(timezone.now()).filter(user=person).order_by("-connected_at").first()
            page_session, where = newest.page_session if newest else None, ""
        if page_session is not None:
            give(one, page_session, where)
    return is_new


def give(one: OneDevice, page_session: uuid.UUID, where: str) -> None:
    one.page_session, one.browser, one.since = page_session, where, timezone.now()
    one.save()
    push_to_user(one.user_id, build_taken_over(one))


def find_elsewhere(pages: Iterable[PageKey]) -> dict[PageKey, dict[str, Any]]:
    """What those of `pages`, open before, are to be told where another may have become the phone unheard."""
    pages = list(pages)
    rows = OF_PEOPLE.ask(people={user_id for user_id, _ in pages})
    now = timezone.now()
    told = {one.user_id: (one.page_session, build_taken_over(one)) for one in rows if one.is_there(now)}
    return {page: told[page[0]][1] for page in pages if page[0] in told and told[page[0]][0] != page[1]}


OF_PEOPLE: Question[OneDevice] = Question(
    lambda: OneDevice.objects.filter(
        user__among=GivenMany("people", models.BigIntegerField())
    ).select_related("user")
)


def build_taken_over(one: OneDevice) -> dict[str, Any]:
    """For every page but the one that is the phone, which its socket passes over."""
    with speaking_to(one.user):
        told = Whereabouts(False, one.browser, one.since).as_json()
    return {"type": TAKEN_OVER, "page_session": str(one.page_session), **told}


def is_about(frame: dict[str, Any], page_session: uuid.UUID) -> bool:
    """Whether a frame says that the phone is in the very page that would be told."""
    return frame.get("type") == TAKEN_OVER and frame.get("page_session") == str(page_session)
