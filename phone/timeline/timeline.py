"""One line of time from everything that is kept: sign-in, check, token, Device, failure, call.

Times are the server's. A report that a page kept while it was cut off is placed where it happened:
each page's clock is compared with ours by its quickest report.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.masking import mask_phone_number, mask_sid
from phone.answering.changes import AnsweringChange
from phone.calls.parties import Names, get_names, put_names
from phone.causes.attempts import mask_called
from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.results import name_result
from phone.device.events import DeviceEvent
from phone.device.presence import SILENT_AFTER, DevicePresence
from phone.device.silences import DeviceSilence
from phone.durations import describe_duration
from phone.echo_tests.echo_test import EchoTest
from phone.timeline.kinds import KINDS
from phone.tokens.issued_tokens import IssuedToken

QUIET = timedelta(minutes=10)
LATE = timedelta(seconds=5)
# What a page tells in the middle of a call goes by the state of a call that is up.
IN_CALL = {
    "call.reconnecting": (_("The call lost its connection"), "bad"),
    "call.reconnected": (_("The call has its connection back"), "good"),
    "call.quality": (_("How the call sounded"), "plain"),
}
ISSUED = {
    IssuedToken.Kind.ACCESS: _("Access token issued"),
    IssuedToken.Kind.CAPABILITY: _("Capability token issued"),
}
# What a person changed about being called; of what is only on or off, which.
CHANGED = {
    AnsweringChange.Subject.NUMBER: _("Changed: who answers a number"),
    AnsweringChange.Subject.GREETING: _("Changed: greeting"),
}
SWITCHED = {
    (AnsweringChange.Subject.DO_NOT_DISTURB, True): _("Do not disturb on"),
    (AnsweringChange.Subject.DO_NOT_DISTURB, False): _("Do not disturb off"),
    (AnsweringChange.Subject.ONE_DEVICE, True): _("Ring on one device only on"),
    (AnsweringChange.Subject.ONE_DEVICE, False): _("Ring on one device only off"),
}
GOOD_STATES = frozenset({DeviceEvent.State.READY, DeviceEvent.State.CONNECT})
BAD_STATES = frozenset({DeviceEvent.State.ERROR, DeviceEvent.State.OFFLINE})


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `tone` is good, bad, gap or plain; `link` an address in the admin."""

    at: datetime
    kind: str
    title: str
    tone: str = "plain"
    detail: str = ""
    page_session: uuid.UUID | None = None
    link: str = ""
    order: int = 0
    late: timedelta | None = None
    page: int = 0
    is_sought: bool = False

    @property
    def kind_name(self) -> str:
        return str(KINDS[self.kind].beside) if self.kind in KINDS else ""


@dataclass
class Timeline:
    """Entries, oldest first; `pages` are the page loads among them, numbered from 1 as in the entries."""

    entries: list[Entry] = field(default_factory=list)
    pages: dict[uuid.UUID, int] = field(default_factory=dict)
    is_cut: bool = False


def build_timeline(
    entries: Iterable[Entry], *, sought: datetime | None = None, is_cut: bool = False
) -> Timeline:
    """Puts entries of all kinds in order, marks gaps, numbers the pages; marks what is nearest `sought`."""
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.order))
    pages: dict[uuid.UUID, int] = {}
    for entry in ordered:
        if entry.page_session:
            pages.setdefault(entry.page_session, len(pages) + 1)
    happened = [entry for entry in ordered if entry.kind != "gap"]
    nearest = min(happened, key=lambda entry: abs(entry.at - sought), default=None) if sought else None
    numbered = [
        replace(
            entry,
            page=pages[entry.page_session] if entry.page_session else 0,
            is_sought=entry is nearest,
        )
        for entry in ordered
    ]
    return Timeline(mark_quiet(numbered), pages, is_cut)


def mark_quiet(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with a line between two that are more than ten minutes apart."""
    marked = list(entries[:1])
    for before, after in pairwise(entries):
        if after.at - before.at > QUIET:
            lasted = describe_duration(after.at - before.at)
            title = gettext("Nothing for {duration}").format(duration=lasted)
            marked.append(Entry(before.at, "gap", title, tone="gap"))
        marked.append(after)
    return marked


def build_device_entries(events: Sequence[DeviceEvent]) -> list[Entry]:
    """The reports of any number of pages, each where it happened, and the reports that never came."""
    delays: dict[uuid.UUID, timedelta] = {}
    for event in events:
        delay = event.received_at - event.reported_at
        delays[event.page_session] = min(delay, delays.get(event.page_session, delay))
    names = get_names(event.message for event in events)
    entries = []
    by_page: dict[uuid.UUID, list[tuple[int, datetime]]] = {}
    for event in events:
        at = event.reported_at + delays[event.page_session]
        entries.append(build_device_entry(event, at, names))
        by_page.setdefault(event.page_session, []).append((event.seq, at))
    for page_session, reports in by_page.items():
        entries += find_missing(page_session, sorted(reports))
    return entries


def build_device_entry(event: DeviceEvent, at: datetime, names: Names) -> Entry:
    late = event.received_at - at
    codes = [str(code) for code in (event.code, event.original_code) if code is not None]
    message = mask_called(put_names(event.message, names))
    detail = " · ".join(part for part in (event.sdk_event, "/".join(codes), message) if part)
    state = gettext("Beside the phone") if event.is_of_spare else event.get_state_display()
    title, tone = IN_CALL.get(event.sdk_event, (state, find_tone(event)))
    return Entry(
        at,
        "device",
        str(title),
        tone=tone,
        detail=detail,
        page_session=event.page_session,
        link=reverse("admin:phone_deviceevent_change", args=[event.pk]),
        order=event.seq,
        late=late if late > LATE else None,
    )


def find_tone(event: DeviceEvent) -> str:
    """A page that leaves the phone to another has lost nothing."""
    if event.state in GOOD_STATES:
        return "good"
    return "bad" if event.state in BAD_STATES and not event.is_of_spare else "plain"


def find_missing(page_session: uuid.UUID, reports: Sequence[tuple[int, datetime]]) -> list[Entry]:
    """Where a page's own count jumps, something it reported never arrived."""
    missing = []
    for (before, _at), (after, at) in pairwise(reports):
        if after - before > 1:
            count = after - before - 1
            words = ngettext(
                "{count} report of this page never arrived",
                "{count} reports of this page never arrived",
                count,
            )
            title = words.format(count=count)
            missing.append(Entry(at, "gap", title, tone="gap", page_session=page_session, order=after - 1))
    return missing


def build_failure_entry(failure: LoginFailure) -> Entry:
    numbers = (failure.twilio_status, failure.twilio_code)
    said = " / ".join(str(number) for number in numbers if number is not None)
    parts = (failure.get_shown_by_display(), said, failure.twilio_message, failure.twilio_request_id)
    return Entry(
        failure.failed_at,
        "failure",
        failure.describe().title,
        tone="bad",
        detail=" · ".join(part for part in parts if part),
        page_session=failure.page_session,
        link=reverse("admin:accounts_loginfailure_change", args=[failure.pk]),
    )


def build_token_entry(token: IssuedToken) -> Entry:
    """That it was issued, its jti and its lifetime; the token itself is not kept anywhere."""
    minutes = round((token.expires_at - token.issued_at).total_seconds() / 60)
    lifetime = gettext("good for {count} min").format(count=minutes)
    return Entry(
        token.issued_at,
        "token",
        str(ISSUED[IssuedToken.Kind(token.kind)]),
        detail=" · ".join(part for part in (lifetime, token.jti) if part),
        page_session=token.page_session,
        link=reverse("admin:phone_issuedtoken_change", args=[token.pk]),
    )


def build_account_entry(event: AccountEvent) -> Entry:
    is_sign_in = event.kind in AccountEvent.OF_SIGNING_IN
    sid = mask_sid(event.account_sid)
    account = gettext("account {sid}").format(sid=sid) if event.account_sid else ""
    return Entry(
        event.happened_at,
        "sign-in" if is_sign_in else "check",
        event.get_kind_display(),
        tone="plain" if is_sign_in else "good",
        detail=" · ".join(part for part in (account, event.ip_address) if part),
        page_session=event.page_session,
    )


def build_answering_entry(change: AnsweringChange) -> Entry:
    """What a person changed about being called: it may be why their phone did not ring."""
    subject = AnsweringChange.Subject(change.subject)
    title = CHANGED.get(subject) or SWITCHED[subject, bool(change.after.get("is_on"))]
    number = mask_phone_number(change.phone_number) if change.phone_number else ""
    return Entry(change.changed_at, "call", str(title), detail=number)


def build_connection_test_entry(test: ConnectionTest) -> Entry:
    """What a test came to: first what was bad, then the rest."""
    lines = sorted(test.read_lines(), key=lambda line: line[1].result != "bad")
    told = [f"{check.name} {figure or name_result(finding.result)}" for check, finding, figure in lines]
    tested = (
        gettext("Connection tested in a call: {sum}")
        if test.is_in_call
        else gettext("Connection tested: {sum}")
    )
    is_whole = all(finding.result == "good" for _, finding, _ in lines)
    return Entry(
        test.received_at,
        "test",
        tested.format(sum=test.sum),
        tone="bad" if test.bad else "good" if is_whole else "plain",
        detail=" · ".join(told),
        page_session=test.page_session,
        link=reverse("admin:phone_connectiontest_change", args=[test.pk]),
    )


def build_echo_test_entry(test: EchoTest) -> Entry:
    """That somebody called to hear themselves, and what it came to."""
    Result = EchoTest.Result
    tones = {Result.HEARD: "good", Result.SILENT: "bad", Result.NOT_PLAYED: "bad"}
    came_to = test.get_result_display() or gettext("it goes on")
    lasted = describe_duration(test.ended_at - test.begun_at) if test.ended_at else ""
    return Entry(
        test.begun_at,
        "echo",
        gettext("Echo test: {result}").format(result=came_to),
        tone=tones.get(Result(test.result), "plain") if test.result else "plain",
        detail=lasted,
        link=reverse("admin:phone_echotest_change", args=[test.pk]),
    )


def build_presence_entries(presence: DevicePresence, now: datetime, *, is_marked: bool) -> list[Entry]:
    """Where a page ended, or stopped answering without an end; `is_marked`: its silence has a row."""
    if presence.disconnected_at:
        at, title, tone = presence.disconnected_at, gettext("The page closed its socket"), "plain"
    elif now - presence.last_alive_at > SILENT_AFTER and not is_marked:
        at, title, tone = presence.last_alive_at, gettext("The page stopped answering"), "bad"
    else:
        return []
    return [Entry(at, "page", title, tone=tone, page_session=presence.page_session, order=1 << 60)]


def build_silence_entries(silence: DeviceSilence) -> list[Entry]:
    """Where a registered page stopped answering, and where it was heard of again."""
    noticed = describe_duration(silence.noticed_at - silence.began_at)
    began = Entry(
        silence.began_at,
        "page",
        gettext("The page stopped answering"),
        tone="bad",
        detail=gettext("noticed after {duration}; calls were not sent there").format(duration=noticed),
        page_session=silence.page_session,
        order=1 << 60,
    )
    if silence.ended_at is None:
        return [began]
    lasted = describe_duration(silence.ended_at - silence.began_at)
    back = Entry(
        silence.ended_at,
        "page",
        gettext("The page was heard of again"),
        detail=gettext("silent for {duration}").format(duration=lasted),
        page_session=silence.page_session,
    )
    return [began, back]
