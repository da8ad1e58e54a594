"""Ten million Device events and a million login failures, as three months of five thousand people make them.

Written by COPY into tables without their indexes, which are made afterwards: that is minutes, not hours.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.audit.triggers import drop_triggers, get_protected_models, install_triggers
from accounts.company.memberships import Membership
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials

PEOPLE = 5000
ACCOUNTS = 500
DAYS = 90
EVENTS_PER_PAGE = 20
VERDICTS = {
    "browser_network": 30,
    "wrong_auth_token": 20,
    "sign_in_failed": 15,
    "rate_limited": 8,
    "wrong_api_secret": 8,
    "twilio_unavailable": 6,
    "microphone_denied": 5,
    "token_expired": 4,
    "malformed": 3,
    "unclear": 1,
}
CODES = {"wrong_auth_token": (401, 20003), "rate_limited": (429, 20429), "browser_network": (None, 31005)}
# What one load of the page reports: most pages are well, one in ten sees errors.
WELL = (
    ["connecting", "ready"] + ["incoming", "connect", "disconnect"] * 5 + ["offline", "connecting", "ready"]
)
ILL = ["connecting", "error"] * (EVENTS_PER_PAGE // 2)

# Groups and their counters, from the failures themselves: what note_failure() would have made one by one.
GROUPS = """
INSERT INTO accounts_failuregroup (account_sid, person, verdict, user_id, email, state, count,
    first_seen_at, last_seen_at, reopened, last_failure, last_page_session, twilio_status, twilio_code)
SELECT account_sid, coalesce('user:' || user_id, email), verdict, user_id, email,
    CASE WHEN random() < 0.3 THEN 'open' WHEN random() < 0.2 THEN 'acknowledged' ELSE 'resolved' END,
    count(*), min(failed_at), max(failed_at), 0, (array_agg(id ORDER BY failed_at DESC))[1],
    (array_agg(page_session ORDER BY failed_at DESC))[1], max(twilio_status), max(twilio_code)
FROM accounts_loginfailure GROUP BY account_sid, user_id, email, verdict;
INSERT INTO accounts_failureday (group_id, day, count)
SELECT g.id, (f.failed_at AT TIME ZONE 'UTC')::date, count(*) FROM accounts_loginfailure f
JOIN accounts_failuregroup g ON g.person = coalesce('user:' || f.user_id, f.email)
    AND g.account_sid = f.account_sid AND g.verdict = f.verdict
GROUP BY 1, 2;
INSERT INTO accounts_verdicthour (verdict, hour, count)
SELECT verdict, date_trunc('hour', failed_at), count(*) FROM accounts_loginfailure GROUP BY 1, 2;
"""


def seed(events: int, failures: int) -> None:
    """Fills an empty, migrated PostgreSQL."""
    dice = random.Random(20261123)
    people = make_people(dice)
    pages = list(make_pages(dice, people, events // EVENTS_PER_PAGE))
    drop_triggers(connection, get_protected_models())
    copy("phone_deviceevent", EVENT_COLUMNS, lambda: make_events(dice, pages))
    copy("phone_issuedtoken", TOKEN_COLUMNS, lambda: make_tokens(pages))
    copy("accounts_accountevent", JOURNAL_COLUMNS, lambda: make_sign_ins(pages))
    copy("accounts_loginfailure", FAILURE_COLUMNS, lambda: make_failures(dice, pages, failures))
    with connection.cursor() as cursor:
        cursor.execute(GROUPS)
        cursor.execute(PRESENCES)
        cursor.execute("VACUUM ANALYZE")
    install_triggers(connection, get_protected_models())


def make_people(dice: random.Random) -> list[tuple[int, str, str, str]]:
    """Key, identity, e-mail and Account SID of each."""
    accounts = TwilioAccount.objects.bulk_create(
        TwilioAccount(account_sid=f"AC{dice.getrandbits(128):032x}", friendly_name=f"Firm {number}")
        for number in range(ACCOUNTS)
    )
    people = User.objects.bulk_create(
        User(email=f"person{number}@example.com", name=f"Person {number}") for number in range(PEOPLE)
    )
    credentials = TwilioCredentials.objects.bulk_create(
        TwilioCredentials(user=person, account=accounts[number % ACCOUNTS], verdict="ok")
        for number, person in enumerate(people)
    )
    Membership.objects.bulk_create(
        Membership(
            user=one.user,
            account=one.account,
            credentials=one,
            role=Membership.Role.OWNER if number < ACCOUNTS else Membership.Role.MEMBER,
        )
        for number, one in enumerate(credentials)
    )
    return [
        (person.pk, person.identity, person.email, accounts[number % ACCOUNTS].account_sid)
        for number, person in enumerate(people)
    ]


Page = tuple[datetime, str, tuple[int, str, str, str], bool]


def make_pages(dice: random.Random, people: list[Any], count: int) -> Iterator[Page]:
    """Loads of the page in the order of their time: when, which, whose, and whether all was well."""
    end = timezone.now() - timedelta(minutes=1)
    step = timedelta(days=DAYS) / count
    for number in range(count):
        page_session = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        yield end - step * (count - number), page_session, dice.choice(people), dice.random() < 0.9


EVENT_COLUMNS = (
    "event_id user_id identity email account_sid page_session seq state sdk_event code original_code message "
    "reported_at received_at ip_address user_agent"
)


def make_events(dice: random.Random, pages: list[Page]) -> Iterator[tuple[Any, ...]]:
    for at, page_session, (key, identity, email, account_sid), is_well in pages:
        prefix = page_session[:-6]
        for seq, state in enumerate(WELL if is_well else ILL, start=1):
            moment = at + timedelta(seconds=3 * seq)
            code, message = (31005, "gateway closed") if state == "error" else (None, "")
            event_id = f"{prefix}{seq:06x}"
            facts = (seq, state, state, code, None, message, moment, moment, "198.51.100.7", "Chrome/143")
            yield (event_id, key, identity, email, account_sid, page_session, *facts)


TOKEN_COLUMNS = "user_id identity email account_sid kind jti issued_at expires_at page_session"


def make_tokens(pages: list[Page]) -> Iterator[tuple[Any, ...]]:
    hour = timedelta(hours=1)
    for at, page_session, (key, identity, email, account_sid), _ in pages:
        yield key, identity, email, account_sid, "access", page_session[:13], at, at + hour, page_session


JOURNAL_COLUMNS = "happened_at kind user_id email account_sid page_session ip_address user_agent"


def make_sign_ins(pages: list[Page]) -> Iterator[tuple[Any, ...]]:
    for at, _, (key, _, email, _), _ in pages:
        yield at - timedelta(seconds=9), "signed_in", key, email, "", None, "198.51.100.7", "Chrome/143"


FAILURE_COLUMNS = (
    "id failed_at shown_by verdict user_id email account_sid twilio_status twilio_code twilio_message "
    "twilio_request_id page_session ip_address user_agent count reviewed_at review_note"
)


def make_failures(dice: random.Random, pages: list[Page], count: int) -> Iterator[tuple[Any, ...]]:
    """Spread over the pages; half of them are reviewed, all but those of the last days."""
    slugs, weights = list(VERDICTS), list(VERDICTS.values())
    fresh = timezone.now().astimezone(UTC) - timedelta(days=5)
    for number in range(count):
        at, page_session, (key, _, email, account_sid), _ = pages[number * len(pages) // count]
        verdict = dice.choices(slugs, weights)[0]
        status, code = CODES.get(verdict, (None, None))
        at += timedelta(milliseconds=number % 50_000)
        is_reviewed = at < fresh and dice.random() < 0.5
        shown_by = "sign_in" if verdict == "sign_in_failed" else "check" if status else "device"
        yield (
            *(str(uuid.UUID(int=dice.getrandbits(128), version=4)), at, shown_by, verdict, key, email),
            *("" if shown_by == "sign_in" else account_sid, status, code, "as Twilio said it"),
            *(f"RQ{dice.getrandbits(128):032x}" if status else "", page_session, f"198.51.{number % 200}.7"),
            *("Chrome/143", 1, at if is_reviewed else None, ""),
        )


PRESENCES = """
INSERT INTO phone_devicepresence (user_id, page_session, socket, state, connected_at, last_alive_at)
SELECT id, gen_random_uuid(), gen_random_uuid(), 'ready', now() - interval '1 hour',
    now() + interval '1 hour' FROM accounts_user
"""


def copy(table: str, columns: str, make_rows: Callable[[], Iterator[tuple[Any, ...]]]) -> None:
    """Writes all rows by COPY, without the table's indexes and constraints, and puts those back."""
    begun, count = time.perf_counter(), 0
    with connection.cursor() as cursor:
        drops, makes = read_index_statements(cursor, table)
        for statement in drops:
            cursor.execute(statement)
        names = ", ".join(columns.split())
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
            for row in make_rows():
                stream.write_row(row)
                count += 1
        written = time.perf_counter() - begun
        for statement in makes:
            cursor.execute(statement)
    indexed = time.perf_counter() - begun - written
    print(f"  {table}: {count:,} rows in {written:.0f} s, indexes in {indexed:.0f} s", flush=True)


def read_index_statements(cursor: Any, table: str) -> tuple[list[str], list[str]]:
    """SQL that drops the table's constraints and indexes, and SQL that makes them again."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('u', 'f')",
        [table],
    )
    constraints = cursor.fetchall()
    drops = [f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for name, _ in constraints]
    makes = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}' for name, text in constraints]
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    indexes = cursor.fetchall()
    drops += [f'DROP INDEX "{name}"' for name, _ in indexes]
    return drops, [text for _, text in indexes] + makes
