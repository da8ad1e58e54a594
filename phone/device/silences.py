"""Pages that were registered and have stopped answering: noticed, marked, and told so on their return.

A silence ends once the page has been told of it, at the time at which it was heard of again.

A silence is noticed by the page's own socket, and where that has died too, when a call looks for
somebody to ring or the page comes back.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_moment
from accounts.people import User
from accounts.statements import Given, GivenMany, Question
from accounts.twilio.credentials import TwilioAccount
from accounts.verdicts.verdict import Verdict, build_verdict
from phone.device.presence import DevicePresence, PageKey, get_presences, get_silent, is_silent
from phone.device.told import presence_changed
from phone.durations import describe_duration

# What a page reports on waking is younger than this when it arrives.
JUST_NOW = timedelta(seconds=10)


class DeviceSilence(AppendOnlyModel):
    """A page whose Device was registered and that stopped answering: noticed by the server, not reported."""

    append_only = AppendOnlyRule(KeptFor("began_at", days=180), may_change=("ended_at",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="device_silences",
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(_("email"), max_length=254)
    page_session = models.UUIDField(_("page session"))
    began_at = models.DateTimeField(_("began at"), help_text=_("When the page was last heard of."))
    noticed_at = models.DateTimeField(_("noticed at"), default=timezone.now)
    ended_at = models.DateTimeField(
        _("ended at"), null=True, help_text=_("When the page was heard of again.")
    )

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
            models.Index(fields=["email", "-began_at", "-id"], name="device_silence_of_email"),
            models.Index(fields=["page_session"], name="device_silence_of_page"),
        ]
        ordering = ["-began_at", "-id"]
        verbose_name = _("device silence")
        verbose_name_plural = _("device silences")

    def __str__(self) -> str:
        words = gettext("{email} silent from {moment}")
        return words.format(email=self.email, moment=write_moment(self.began_at))


def note_silent_pages(pages: Iterable[PageKey]) -> set[PageKey]:
    """Marks those of `pages` that were ready and have not been heard of for 40 s, and says which they are."""
    return mark_silent(get_presences(pages))


def mark_silent(pages: Iterable[DevicePresence]) -> set[PageKey]:
    """The same for pages that were just read, with their people."""
    now = timezone.now()
    silent = [page for page in pages if is_silent(page, now)]
    mark(silent, now)
    return {page.key for page in silent}


def note_silences(people: "models.QuerySet[User]") -> int:
    """Marks every page of these people that has gone silent unnoticed; how many there were."""
    now = timezone.now()
    marked = DeviceSilence.objects.filter(
        identity=models.OuterRef("user__identity"),
        page_session=models.OuterRef("page_session"),
        began_at=models.OuterRef("last_alive_at"),
    )
    silent = get_silent(now).filter(~models.Exists(marked), user__in=people)
    return mark(list(silent.select_related("user")), now)


def mark(pages: Sequence[DevicePresence], now: datetime) -> int:
    """One statement, however many pages; one that is marked already stays as it is."""
    if not pages:
        return 0
    DeviceSilence.objects.bulk_create(
        [
            DeviceSilence(
                user=page.user,
                identity=page.user.identity,
                email=page.user.email,
                page_session=page.page_session,
                began_at=page.last_alive_at,
                noticed_at=now,
            )
            for page in pages
        ],
        ignore_conflicts=True,
    )
    presence_changed.send(sender=DeviceSilence, people=[page.user_id for page in pages])
    return len(pages)


def find_marked(page_sessions: Collection[uuid.UUID]) -> set[tuple[str, uuid.UUID]]:
    """Those of these pages, with the identity of their person, that are marked as silent."""
    if not page_sessions:
        return set()
    return {(identity, page) for identity, page in MARKED.ask_values(pages=page_sessions)}


def build_marked() -> "models.QuerySet[DeviceSilence]":
    among = GivenMany("pages", models.UUIDField())
    return DeviceSilence.objects.filter(page_session__among=among, ended_at=None).order_by()


MARKED: "Question[Any]" = Question(lambda: build_marked().values_list("identity", "page_session"))


@dataclass(frozen=True)
class Heard:
    """A page that is marked was heard of. `reported_at` is the browser's time of what it reports."""

    user: User
    page_session: uuid.UUID
    reported_at: datetime | None = None


@dataclass(frozen=True)
class Return:
    """A page that had been silent was heard of again; `missed` calls found nobody meanwhile."""

    silence: DeviceSilence
    heard_at: datetime
    missed: int

    def build_verdict(self) -> Verdict:
        """What the page is to be told, in the language that is spoken."""
        return build_silence_verdict(self.silence, self.heard_at, missed=self.missed)


def notice_returns(heard: Sequence[Heard]) -> list[Return | None]:
    """Of each page that was heard of: what it is to be told of its silence, if there is something.

    The silence lasts until `end_silence()`: what was heard may have left on a socket that the page was
    just giving up, and what is told there reaches nobody. A page that noted something while it could not be
    heard was awake: it had lost its network, knows so, and need not be told that it slept.
    """
    now = timezone.now()
    pages = {one.page_session for one in heard}
    silences = {(silence.identity, silence.page_session): silence for silence in OPEN.ask(pages=pages)}
    told: dict[Heard, DeviceSilence] = {}
    awake = []
    for one in heard:
        silence = silences.get((one.user.identity, one.page_session))
        if silence is None:
            continue
        if one.reported_at and silence.began_at < one.reported_at < now - JUST_NOW:
            awake.append(silence.pk)
        else:
            told[one] = silence
    if awake:
        end(awake, now)
    missed = count_missed(told, now)
    return [Return(told[one], now, missed[one]) if one in told else None for one in heard]


# The newest of a page comes last.
OPEN = Question(
    lambda: DeviceSilence.objects.filter(
        page_session__among=GivenMany("pages", models.UUIDField()), ended_at=None
    ).order_by("began_at", "pk")
)


def end_silence(returned: Return) -> None:
    """The page has been told: the silence ended when the page was heard of."""
    end([returned.silence.pk], returned.heard_at)


def end(silences: Collection[int], ended_at: datetime) -> None:
    models.QuerySet(DeviceSilence).filter(pk__among=silences, ended_at=None).update(ended_at=ended_at)


def count_missed(told: Mapping[Heard, DeviceSilence], now: datetime) -> dict[Heard, int]:
    """Calls that found nobody while each page was silent: to the person, or to their account's number."""
    missed = dict.fromkeys(told, 0)
    if told:
        earliest = min(silence.began_at for silence in told.values())
        people = {one.user.pk for one in told}
        # Mostly there are none, and no more is asked.
        having = {person for (person,) in MISSING.ask_values(people=people, earliest=earliest, now=now)}
        missed |= {
            one: count_missed_of(one.user, silence, now)
            for one, silence in told.items()
            if one.user.pk in having
        }
    return missed


def build_missing() -> "models.QuerySet[Any]":
    lost = TwilioAccount.objects.filter(
        pk=models.OuterRef("membership__account"),
        calls__status="no-answer",
        calls__started_at__range=(
            Given("earliest", models.DateTimeField()),
            Given("now", models.DateTimeField()),
        ),
    )
    people = User.objects.filter(pk__among=GivenMany("people", models.BigIntegerField()))
    return people.filter(models.Exists(lost)).values_list("pk")


MISSING: "Question[Any]" = Question(build_missing)


def count_missed_of(user: User, silence: DeviceSilence, now: datetime) -> int:
    account = TwilioAccount.objects.filter(memberships__user=user).first()
    if account is None:
        return 0
    meant = models.Q(to_address=f"client:{user.identity}") | models.Q(direction="incoming")
    # Calls are a later subject than Devices: they are reached from their account.
    found_nobody = account.calls.filter(meant, status="no-answer")
    return found_nobody.filter(started_at__range=(silence.began_at, now)).count()


def build_silence_verdict(silence: DeviceSilence, ended_at: datetime, *, missed: int) -> Verdict:
    lasted = describe_duration(max(ended_at - silence.began_at, timedelta(seconds=1)))
    calls = (
        ngettext("{count} call found nobody.", "{count} calls found nobody.", missed).format(count=missed)
        if missed
        else gettext("Nobody called meanwhile.")
    )
    # Within the verdict's own sentence.
    period = gettext(" at {time} UTC, for {duration}").format(
        time=f"{silence.began_at:%H:%M}", duration=lasted
    )
    return build_verdict("device_silent", period=period, calls=calls)
