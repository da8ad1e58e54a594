"""The phone numbers of a Twilio account: which there are, and who answers them."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django.db import transaction

from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.handlers import HANDLER_PARAMETERS, is_unanswered, read_handler
from accounts.twilio.news import News, build_news
from accounts.twilio.rest import TwilioLogin, TwilioUnreachable, fetch, read_text
from accounts.twilio.setup import may_pass, read_list
from accounts.twilio.shares import ShareTaken
from accounts.twilio.side_by_side import ask_side_by_side

logger = logging.getLogger(__name__)

PAGES = 10
PAGE_SIZE = 200
# Each takes a request or two, and a try must end within its lease.
MOST_AT_ONCE = 20
# So many in a row that were not changed now: Twilio is ill, and the worker has others' letters to send.
SILENCES = 2
E164 = re.compile(r"\+[1-9][0-9]{1,14}")


class NumberNotChanged(Exception):
    """Twilio did not change who answers a number; `news` tells the person why.

    `may_pass`: Twilio was out of reach, busy or ill, and may do it later.
    """

    def __init__(self, news: News, *, may_pass: bool) -> None:
        super().__init__("Twilio did not change a number")
        self.news, self.may_pass = news, may_pass


class NumbersNotRead(Exception):
    """Twilio was out of reach, busy or ill for a part of it, and may answer later. `done`: what was done."""

    def __init__(self, done: list[News] | None = None) -> None:
        super().__init__("Twilio did not answer every question about the numbers")
        self.done = done or []


def fetch_phone_numbers(credentials: TwilioCredentials) -> list[News]:
    """Brings the rows of the account's numbers up to date, and answers the numbers nobody answers,
    unless their owner wants them left alone.

    Returns what was done. What Twilio will not tell stays as it was. Raises NumbersNotRead
    where it may tell later; beginning anew then asks only for what was not done yet.
    """
    login = best_login(Candidate.of(credentials))
    done: list[News] = []
    owned, verified = fetch_lists(login)
    if owned is not None:
        store_rows(credentials.account, PhoneNumber.Kind.OWNED, owned)
        if not credentials.leaves_numbers:
            done += answer_unanswered(login, credentials.account, owned)
    if verified is not None:
        store_rows(credentials.account, PhoneNumber.Kind.VERIFIED, verified)
    return done


def fetch_lists(login: TwilioLogin) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]] | None]:
    """The account's own numbers and its verified caller IDs, each as `fetch_rows` does, side by side.

    Raises NumbersNotRead.
    """
    try:
        lists = ask_side_by_side(
            login.account_sid,
            {
                "owned": partial(fetch_rows, login, "/IncomingPhoneNumbers.json", "incoming_phone_numbers"),
                "verified": partial(fetch_rows, login, "/OutgoingCallerIds.json", "outgoing_caller_ids"),
            },
        )
    except ShareTaken as error:
        raise NumbersNotRead from error
    return lists["owned"], lists["verified"]


def fetch_rows(login: TwilioLogin, path: str, name: str) -> list[dict[str, Any]] | None:
    """All rows of a list with a usable number, or None where Twilio does not tell. Raises NumbersNotRead."""
    rows: list[dict[str, Any]] = []
    params: dict[str, Any] | None = {"PageSize": PAGE_SIZE}
    for _ in range(PAGES):
        try:
            answer = fetch(login, path, params=params)
        except TwilioUnreachable as error:
            raise NumbersNotRead from error
        if may_pass(answer):
            raise NumbersNotRead
        if not answer.is_success or not isinstance(answer.json, dict):
            return None
        rows += [row for row in read_list(answer, name) if is_number(row)]
        prefix = f"/2010-04-01/Accounts/{login.account_sid}"
        next_page = answer.json.get("next_page_uri")
        if not isinstance(next_page, str) or not next_page.startswith(prefix):
            break
        path, params = next_page.removeprefix(prefix), None
    return rows


def is_number(row: Mapping[str, Any]) -> bool:
    return bool(
        re.fullmatch("PN[0-9a-fA-F]{32}", str(row.get("sid")))
        and E164.fullmatch(str(row.get("phone_number")))
    )


@transaction.atomic
def store_rows(account: TwilioAccount, kind: str, rows: list[dict[str, Any]]) -> None:
    account.phone_numbers.filter(kind=kind).exclude(sid__in=[row["sid"] for row in rows]).delete()
    PhoneNumber.objects.bulk_create(
        [
            PhoneNumber(
                account=account,
                sid=row["sid"],
                kind=kind,
                phone_number=row["phone_number"],
                friendly_name=read_text(row, "friendly_name", 255),
                handler=read_handler(row),
                points_here=kind == PhoneNumber.Kind.OWNED and points_at(row, account.voice_url),
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["account", "sid"],
        update_fields=["kind", "phone_number", "friendly_name", "handler", "points_here"],
    )


def points_at(row: Mapping[str, Any], voice_url: str) -> bool:
    """Whether calls to the number are asked about at `voice_url`; an application or trunk goes first."""
    return (
        row.get("voice_url") == voice_url
        and not row.get("voice_application_sid")
        and not row.get("trunk_sid")
    )


def answer_unanswered(login: TwilioLogin, account: TwilioAccount, rows: list[dict[str, Any]]) -> list[News]:
    left_out = set(account.phone_numbers.filter(is_left_out=True).values_list("sid", flat=True))
    unanswered = [row for row in rows if is_unanswered(row) and row["sid"] not in left_out]
    done: list[News] = []
    is_finished, silences = True, 0
    for row in unanswered[:MOST_AT_ONCE]:
        number = PhoneNumber.objects.get(account=account, sid=row["sid"])
        try:
            point_here(login, number, row)
        except NumberNotChanged as error:
            silences = silences + 1 if error.may_pass else 0
            if not error.may_pass:
                done.append(error.news)
                continue
            is_finished = False
            if silences == SILENCES:
                break
        else:
            silences = 0
            done.append(build_news("rings_here", number=number.phone_number))
    if not is_finished:
        raise NumbersNotRead(done)
    if left := len(unanswered[MOST_AT_ONCE:]):
        done.append(build_news("more_unanswered", count=left))
    return done


def point_number_here(login: TwilioLogin, number: PhoneNumber) -> News:
    """Lets calls to `number` ring here, and remembers who answered before. Returns what was done.

    Raises NumberNotChanged when Twilio did not do it.
    """
    row = fetch_number(login, number)
    if points_at(row, number.account.voice_url):
        PhoneNumber.objects.filter(pk=number.pk).update(points_here=True, is_left_out=False)
        return build_news("rang_here_before", number=number.phone_number)
    point_here(login, number, row)
    return build_news("rings_here_in_place", number=number.phone_number)


def point_here(login: TwilioLogin, number: PhoneNumber, row: Mapping[str, Any]) -> None:
    # Written first: a handler that is overwritten and forgotten cannot be put back.
    previous = read_handler(row)
    PhoneNumber.objects.filter(pk=number.pk).update(previous_handler=previous)
    parameters = {"VoiceUrl": number.account.voice_url, "VoiceMethod": "POST"}
    for name in ("voice_application_sid", "trunk_sid"):
        if previous[name]:
            parameters[HANDLER_PARAMETERS[name]] = ""
    change_number(login, number, parameters)
    PhoneNumber.objects.filter(pk=number.pk).update(points_here=True, is_left_out=False)
    number.refresh_from_db()


def give_number_back(login: TwilioLogin, number: PhoneNumber) -> News:
    """Puts back who answered `number` before. Returns what was done.

    A number that somebody has pointed elsewhere since is left alone. Raises NumberNotChanged.
    """
    row = fetch_number(login, number)
    handler = read_handler(row)
    if points_at(row, number.account.voice_url):
        handler = number.previous_handler
        change_number(login, number, dict(restore_parameters(handler)))
    PhoneNumber.objects.filter(pk=number.pk).update(points_here=False, handler=handler, previous_handler={})
    number.refresh_from_db()
    return build_news("given_back", number=number.phone_number)


def leave_number_out(login: TwilioLogin, number: PhoneNumber) -> News:
    """Gives `number` back, as `give_number_back` does, and has it not pointed here by itself again."""
    said = give_number_back(login, number)
    PhoneNumber.objects.filter(pk=number.pk).update(is_left_out=True)
    return said


def restore_parameters(previous: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parameters that put a handler back; one that was never there is emptied."""
    yield "VoiceUrl", str(previous.get("voice_url") or "")
    for name in ("voice_method", "voice_application_sid", "trunk_sid"):
        if previous.get(name):
            yield HANDLER_PARAMETERS[name], str(previous[name])


def fetch_number(login: TwilioLogin, number: PhoneNumber) -> Mapping[str, Any]:
    try:
        answer = fetch(login, f"/IncomingPhoneNumbers/{number.sid}.json")
    except TwilioUnreachable as error:
        raise not_changed(number, "not_reached", may_pass=True) from error
    if not answer.is_success or not isinstance(answer.json, dict) or answer.json.get("sid") != number.sid:
        raise not_changed(number, "not_shown", may_pass=may_pass(answer))
    return answer.json


def change_number(login: TwilioLogin, number: PhoneNumber, parameters: Mapping[str, str]) -> None:
    path = f"/IncomingPhoneNumbers/{number.sid}.json"
    try:
        answer = fetch(login, path, method="POST", data=parameters)
    except TwilioUnreachable as error:
        raise not_changed(number, "not_reached", may_pass=True) from error
    if not answer.is_success:
        logger.info("Twilio did not change a number: HTTP %s, code %s", answer.status, answer.code)
        raise not_changed(number, "not_allowed", may_pass=may_pass(answer))


def not_changed(number: PhoneNumber, slug: str, *, may_pass: bool) -> NumberNotChanged:
    return NumberNotChanged(build_news(slug, number=number.phone_number), may_pass=may_pass)
