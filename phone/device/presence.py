"""Who is at their phone: one row per load of the page, kept true by its socket and heartbeat.

A page is alive while it was heard of within the last 40 seconds, of which its row knows a second later
(`writing/heartbeats.py`). It can be rung while it is alive and
its Device is ready, or connecting: its `ready` may be on its way, and no page connects for long.
Whether its socket is open does not matter: one that was lost a moment ago is being dialled again, as
after a restart of the server, and one that is open may belong to a page that is frozen. Who leaves
says so (`offline`) and who signs out is shown out, and neither can be rung. A page that is open beside the
one that is the phone, in the same browser or in another, has no Device: it is `offline`, and `is_spare`.
Where somebody has nothing but such pages, the phone is on its way from one to another: the page that lets it
go says so over a socket of its own, and may be heard first.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.statements import GivenMany, Moment, Question, as_uuid, insert_many, replace
from phone.device.events import LEFT, REGISTERED, DeviceEvent, name_state
from phone.device.told import presence_changed

# Two heartbeats of 15 s missed, and time for a slow one: silence has to be marked within 45 s.
SILENT_AFTER = timedelta(seconds=40)
# A page that is loaded anew has its socket again by then.
BACK_WITHIN = timedelta(seconds=4)

State = DeviceEvent.State
# Of a page: its person's key, and its page session.
PageKey = tuple[int, uuid.UUID]
RINGABLE = (State.READY, State.CONNECTING)


class DevicePresence(models.Model):
    """Whether one load of the phone page is there now: its socket, its Device's state, its heartbeat."""

    kept_for = KeptFor("last_alive_at", days=30)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="device_presences",
    )
    page_session = models.UUIDField(_("page session"))
    socket = models.UUIDField(
        _("socket"), help_text=_("The newest socket of this page; an older one's end means nothing.")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=DeviceEvent.State, default=DeviceEvent.State.CONNECTING
    )
    connected_at = models.DateTimeField(_("connected at"), default=timezone.now)
    last_alive_at = models.DateTimeField(_("last alive at"), default=timezone.now, db_index=True)
    disconnected_at = models.DateTimeField(_("disconnected at"), null=True, blank=True)
    is_spare = models.BooleanField(
        _("is spare"),
        default=False,
        db_default=False,
        help_text=_("Open beside the page that is the phone: it has no Device, and is to have none."),
    )

    class Meta:
        verbose_name_plural = _("device presence")
        constraints = [
            models.UniqueConstraint(fields=["user", "page_session"], name="one_presence_per_page_session")
        ]
        indexes = [models.Index(fields=["page_session"], name="device_presence_of_page")]
        ordering = ["-last_alive_at"]
        verbose_name = _("device presence")

    def __str__(self) -> str:
        words = gettext("{person} {state}, alive at {time}")
        time = f"{self.last_alive_at:%H:%M:%S}"
        return words.format(person=self.user, state=self.state_words, time=time)

    @property
    def key(self) -> PageKey:
        return self.user_id, self.page_session

    @property
    def state_words(self) -> str:
        return name_state(self.state)


class Known(NamedTuple):
    """A page's row, and what stands in it."""

    row: int
    state: str
    is_spare: bool


@dataclass(frozen=True)
class OpenedPage:
    """A page that has opened a socket."""

    user: User
    page_session: uuid.UUID
    socket: uuid.UUID

    @property
    def key(self) -> PageKey:
        return self.user.pk, self.page_session


def record_connected(
    pages: Sequence[OpenedPage], *, before: Sequence[DevicePresence] = ()
) -> dict[PageKey, Known]:
    """Pages have opened sockets: one statement, however many; of one that has opened two, the last counts.

    `before` are the rows of those that have been here before, locked. Who could be rung all the time is no
    news. How each stands then.
    """
    now = timezone.now()
    rows = {
        page.key: DevicePresence(
            user=page.user,
            page_session=page.page_session,
            socket=page.socket,
            connected_at=now,
            last_alive_at=now,
        )
        for page in pages
    }
    # In one order everywhere: two workers that each have what the other waits for would wait for ever.
    in_order = [rows[key] for key in sorted(rows)]
    written = insert_many(
        in_order,
        conflict="(user_id, page_session) "
        + replace("socket", "connected_at", "last_alive_at", "disconnected_at"),
        returning=["id", "user_id", "page_session", "state", "is_spare"],
    )
    unchanged = {row.user_id for row in before if is_ringable(row, now)}
    tell_presence(*{page.user.pk for page in pages} - unchanged)
    return {
        (user_id, as_uuid(page_session)): Known(row, state, bool(is_spare))
        for row, user_id, page_session, state, is_spare in written
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What a page that was heard of just now says of itself; None where it says nothing of it.

    `state` is the Device's: a Call's is none of it.
    """

    user_id: int
    page_session: uuid.UUID
    state: str | None = None
    is_spare: bool | None = None

    def then(self, state: str | None, is_spare: bool | None) -> "Told":
        """And after that it said this."""
        return Told(
            self.user_id,
            self.page_session,
            self.state if state is None else state,
            self.is_spare if is_spare is None else is_spare,
        )


def record_state(*, user: User, page_session: uuid.UUID, state: str, is_spare: bool | None = None) -> None:
    """One page's. `is_spare`: None where nothing is said of it."""
    record_told([Told(user.pk, page_session, state, is_spare)])


def record_told(told: Sequence[Told]) -> dict[tuple[int, uuid.UUID], Known]:
    """Writes what pages have said: who is there or not as before, or was not heard of for long, is news.

    How each stands then, by its person's key and its page session; of one that has no row, nothing.
    """
    if not told:
        return {}
    now = timezone.now()
    news, written = [], {}
    together: dict[tuple[str, bool], list[int]] = {}
    with transaction.atomic(savepoint=False):
        rows = lock_pages(told)
        for one in told:
            key = one.user_id, one.page_session
            if (found := rows.get(key)) is None:
                news.append(one.user_id)
                continue
            before, last_alive_at = found
            state = before.state if one.state is None else one.state
            is_spare = before.is_spare if one.is_spare is None else one.is_spare
            written[key] = Known(before.row, state, is_spare)
            together.setdefault((state, is_spare), []).append(before.row)
            was_there, is_there = before.state in RINGABLE, state in RINGABLE
            if was_there != is_there or before.is_spare != is_spare or last_alive_at <= now - SILENT_AFTER:
                news.append(one.user_id)
        for (state, is_spare), pages in together.items():
            DevicePresence.objects.filter(pk__among=pages).update(
                last_alive_at=now, state=state, is_spare=is_spare
            )
        if news:
            presence_changed.send(sender=DevicePresence, people=news)
    return written


def lock_pages(told: Sequence[Told]) -> dict[tuple[int, uuid.UUID], tuple[Known, datetime]]:
    """How these pages stand, and when they were last heard of. In an order that all keep to."""
    rows = LOCKED_AS_TOLD.ask_values(
        pages={one.page_session for one in told}, people={one.user_id for one in told}
    )
    return {
        (user_id, page_session): (Known(row, state, is_spare), last_alive_at)
        for user_id, page_session, row, state, is_spare, last_alive_at in rows
    }


def keep_alive(pages: Collection[tuple[int, str]], at: datetime) -> set[int]:
    """Pages, by their row and the Device's state they are in, were heard of at `at`: that is no news, and one
    query for each state. Those for which that is not so, because their row says something else, or that they
    had been silent.
    """
    others: set[int] = set()
    for state in {page[1] for page in pages}:
        rows = {row for row, its in pages if its == state}
        as_before = DevicePresence.objects.filter(pk__among=rows, state=state)
        heard = as_before.filter(last_alive_at__gt=timezone.now() - SILENT_AFTER)
        # One that was written meanwhile was heard of later.
        if heard.update(last_alive_at=Greatest("last_alive_at", models.Value(at))) != len(rows):
            others |= rows - set(as_before.filter(last_alive_at__gte=at).values_list("pk", flat=True))
    return others


def tell_presence(*people: int) -> None:
    """`people` are their keys."""
    if people:
        presence_changed.send(sender=DevicePresence, people=people)


@dataclass(frozen=True)
class ClosedPage:
    """A page whose socket has ended."""

    user: User
    page_session: uuid.UUID
    socket: uuid.UUID
    is_signed_out: bool = False


def record_disconnected(pages: Sequence[ClosedPage]) -> None:
    """Sockets have ended. The end of one that its page has already replaced changes nothing.

    Whoever is signed out loses the page and its Device, with no socket left to say so.
    """
    now = timezone.now()
    for is_signed_out, told in ((False, {}), (True, {"state": State.OFFLINE})):
        ended = [page for page in pages if page.is_signed_out == is_signed_out]
        if ended:
            # By the page, too, because there is an index of those.
            rows = DevicePresence.objects.filter(
                page_session__in={page.page_session for page in ended},
                socket__in=[page.socket for page in ended],
            )
            rows.update(disconnected_at=now, **told)
    tell_presence(*{page.user.pk for page in pages})


def has_open_page() -> models.Exists:
    """Of a person: whether a page of theirs is open, in whichever process, and so hears what is pushed.

    A page's row is committed before what greets it is read: whoever looks here after a change finds every
    page that does not know of it yet.
    """
    return models.Exists(DevicePresence.objects.filter(user=models.OuterRef("pk"), disconnected_at=None))


def list_with_page(people: Collection[int]) -> set[int]:
    """Those of `people`, by their keys, who have a page open."""
    return set(User.objects.filter(has_open_page(), pk__in=people).values_list("pk", flat=True))


def is_ringable(page: DevicePresence, now: datetime) -> bool:
    return page.state in RINGABLE and page.last_alive_at > now - SILENT_AFTER


def get_ringable(now: datetime) -> "models.QuerySet[DevicePresence]":
    """The pages that can be rung."""
    return DevicePresence.objects.filter(state__in=RINGABLE, last_alive_at__gt=now - SILENT_AFTER)


def get_there(now: Moment) -> "models.QuerySet[DevicePresence]":
    """The pages that can be rung, or of which one will be in a moment."""
    alive = DevicePresence.objects.filter(last_alive_at__gt=now - SILENT_AFTER)
    phones = alive.filter(disconnected_at=None, is_spare=False, user=models.OuterRef("user"))
    is_next = models.Q(~models.Exists(phones), disconnected_at=None, is_spare=True)
    return alive.filter(models.Q(state__in=RINGABLE) | is_next)


def get_left(now: datetime) -> "models.QuerySet[DevicePresence]":
    """The pages that were a phone until a moment ago, and may be loaded anew.

    They have said themselves that they were left, or nothing at all. Where somebody signs out or is shown
    out, the socket ends before the page, which comes to say nothing of that.
    """
    events = DeviceEvent.objects.filter(
        user=models.OuterRef("user"), page_session=models.OuterRef("page_session")
    )
    was_left = events.filter(sdk_event=LEFT, received_at__gt=now - BACK_WITHIN)
    was_phone = events.filter(sdk_event=REGISTERED)
    # The end of its socket may be heard of a moment after that.
    has_said_so = models.Q(models.Exists(was_left), models.Exists(was_phone), state=State.OFFLINE)
    is_gone = models.Q(state__in=RINGABLE, disconnected_at__gt=now - BACK_WITHIN)
    return DevicePresence.objects.filter(has_said_so | is_gone, is_spare=False)


def is_silent(page: DevicePresence, now: datetime) -> bool:
    """Whether the page was ready when it was last heard of, too long ago."""
    return page.state == State.READY and page.last_alive_at <= now - SILENT_AFTER


def get_silent(now: datetime) -> "models.QuerySet[DevicePresence]":
    """The pages of which that is so."""
    return DevicePresence.objects.filter(state=State.READY, last_alive_at__lte=now - SILENT_AFTER)


def get_presences(pages: Iterable[PageKey]) -> list[DevicePresence]:
    """Those of `pages` that have been here before."""
    wanted = set(pages)
    found = DevicePresence.objects.filter(page_session__in={session for _, session in wanted})
    return [row for row in found.select_related("user") if row.key in wanted]


def lock_presences(pages: Iterable[OpenedPage]) -> list[DevicePresence]:
    """The same, until the transaction ends; in the order that `lock_pages()` keeps to."""
    wanted = {page.key: page.user for page in pages}
    found = LOCKED.ask(pages={session for _, session in wanted}, people={user_id for user_id, _ in wanted})
    before = [row for row in found if row.key in wanted]
    for row in before:
        row.user = wanted[row.key]
    return before


def build_locked() -> "models.QuerySet[DevicePresence]":
    pages, people = GivenMany("pages", models.UUIDField()), GivenMany("people", models.BigIntegerField())
    rows = DevicePresence.objects.select_for_update()
    return rows.filter(page_session__among=pages, user__among=people).order_by("pk")


LOCKED: Question[DevicePresence] = Question(build_locked)
LOCKED_AS_TOLD: "Question[Any]" = Question(
    lambda: build_locked().values_list("user_id", "page_session", "pk", "state", "is_spare", "last_alive_at")
)


def get_presence(user: User, page_session: uuid.UUID) -> "models.QuerySet[DevicePresence]":
    return DevicePresence.objects.filter(user=user, page_session=page_session)
