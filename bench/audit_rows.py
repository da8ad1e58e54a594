"""Ten million Device events and a million login failures, as three months of five thousand people make them.

PostgreSQL makes them itself, by INSERT … SELECT into tables without their indexes, which are made afterwards;
each month in a part of its own, as the product holds them once it has run for so long.
"""

import random
import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.audit.months import get_models_by_month, make_parts
from accounts.audit.parts import list_parts, name_part, next_month
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
    people = make_people(random.Random(20261123))
    pages = events // EVENTS_PER_PAGE
    make_past_months()
    drop_triggers(connection, get_protected_models())
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.2026)")
        cursor.execute(PERSONS)
        with cursor.copy("COPY bench_person FROM STDIN") as stream:
            for number, person in enumerate(people):
                stream.write_row((number, *person))
        cursor.execute(PAGES, [pages, f"{DAYS} days", pages, len(people), pages])
        cursor.execute("ANALYZE bench_person, bench_page")
    fill("phone_deviceevent", EVENTS, {"well": WELL, "ill": ILL})
    fill("phone_issuedtoken", TOKENS, {})
    fill("accounts_accountevent", JOURNAL, {})
    verdicts = [slug for slug, weight in VERDICTS.items() for _ in range(weight)]
    fill("accounts_loginfailure", FAILURES, {"count": failures, "pages": pages, "verdicts": verdicts})
    with connection.cursor() as cursor:
        cursor.execute(GROUPS)
        cursor.execute(PRESENCES)
        cursor.execute("VACUUM ANALYZE")
    install_triggers(connection, get_protected_models())


def make_past_months() -> None:
    month = next_month(timezone.now() - timedelta(days=DAYS + 31))
    past = []
    while month < timezone.now():
        past.append(month)
        month = next_month(month)
    for model in get_models_by_month():
        present = list_parts(connection, model)
        missing = [month for month in past if name_part(model, month) not in present]
        install_triggers(connection, [model])
        make_parts(connection, model, missing)


PERSONS = """
CREATE TEMPORARY TABLE bench_person (
    number int PRIMARY KEY, key bigint, identity text, email text, account_sid text)
"""
# Loads of the page in the order of their time: when, which, whose, and whether all was well.
PAGES = """
CREATE TEMPORARY TABLE bench_page AS
SELECT number, now() - interval '1 minute' - (%s - number) * (%s::interval / %s) AS at,
    gen_random_uuid() AS page_session,
    floor(random() * %s)::int AS person, random() < 0.9 AS is_well
FROM generate_series(0, %s - 1) AS number
"""
EVENTS = """
INSERT INTO phone_deviceevent (event_id, user_id, identity, email, account_sid, page_session, seq, state,
    sdk_event, code, original_code, message, reported_at, received_at, ip_address, user_agent)
SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15))::uuid,
    key, identity, email, account_sid, page_session, seq, state, state,
    CASE WHEN state = 'error' THEN 31005 END, NULL,
    CASE WHEN state = 'error' THEN 'gateway closed' ELSE '' END,
    moment, moment, '198.51.100.7', 'Chrome/143'
FROM bench_page AS page JOIN bench_person AS person ON person.number = page.person
    CROSS JOIN LATERAL unnest(CASE WHEN is_well THEN %(well)s::text[] ELSE %(ill)s::text[] END)
        WITH ORDINALITY AS reported (state, seq)
    CROSS JOIN LATERAL (SELECT at + seq * interval '3 seconds' AS moment,
        md5(page.number || ':' || seq) AS random) AS told
"""
TOKENS = """
INSERT INTO phone_issuedtoken
    (user_id, identity, email, account_sid, kind, jti, issued_at, expires_at, page_session)
SELECT key, identity, email, account_sid, 'access', substr(page_session::text, 1, 13), at,
    at + interval '1 hour', page_session
FROM bench_page AS page JOIN bench_person AS person ON person.number = page.person
"""
JOURNAL = """
INSERT INTO accounts_accountevent
    (happened_at, kind, user_id, email, account_sid, page_session, ip_address, user_agent)
SELECT at - interval '9 seconds', 'signed_in', key, email, '', NULL, '198.51.100.7', 'Chrome/143'
FROM bench_page AS page JOIN bench_person AS person ON person.number = page.person
"""
# Spread over the pages; half of them are reviewed, all but those of the last days.
FAILURES = """
INSERT INTO accounts_loginfailure (id, failed_at, shown_by, verdict, user_id, email, account_sid,
    twilio_status, twilio_code, twilio_message, twilio_request_id, page_session, ip_address, user_agent,
    count, reviewed_at, review_note)
SELECT gen_random_uuid(), failed_at,
    CASE WHEN verdict = 'sign_in_failed' THEN 'sign_in' WHEN status IS NULL THEN 'device' ELSE 'check' END,
    verdict, key, email, CASE WHEN verdict = 'sign_in_failed' THEN '' ELSE account_sid END, status, code,
    'as Twilio said it', CASE WHEN status IS NULL THEN '' ELSE 'RQ' || md5('request' || failure.number) END,
    page_session, ('198.51.' || failure.number %% 200 || '.7')::inet, 'Chrome/143', 1,
    CASE WHEN failed_at < now() - interval '5 days' AND random() < 0.5 THEN failed_at END, ''
FROM (SELECT number, number * %(pages)s::bigint / %(count)s AS page,
        (%(verdicts)s::text[])[1 + floor(random() * 100)::int] AS verdict
    FROM generate_series(0, %(count)s - 1) AS number) AS failure
    JOIN bench_page AS page ON page.number = failure.page
    JOIN bench_person AS person ON person.number = page.person
    LEFT JOIN (VALUES ('wrong_auth_token', 401, 20003), ('rate_limited', 429, 20429),
        ('browser_network', NULL, 31005)) AS told (slug, status, code) ON slug = verdict
    CROSS JOIN LATERAL (SELECT at + failure.number %% 50000 * interval '1 millisecond' AS failed_at) AS moment
"""


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


PRESENCES = """
INSERT INTO phone_devicepresence (user_id, page_session, socket, state, connected_at, last_alive_at)
SELECT id, gen_random_uuid(), gen_random_uuid(), 'ready', now() - interval '1 hour',
    now() + interval '1 hour' FROM accounts_user
"""


def fill(table: str, statement: str, values: dict[str, Any]) -> None:
    """Runs the statement without the table's indexes and constraints, and puts those back."""
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        drops, makes = read_index_statements(cursor, table)
        for drop in drops:
            cursor.execute(drop)
        cursor.execute(statement, values)
        count = cursor.rowcount
        written = time.perf_counter() - begun
        for make in makes:
            cursor.execute(make)
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
    # Of a table that is held in parts PostgreSQL tells its own index alone, which is valid on none of them.
    return drops, [text.replace(" ON ONLY ", " ON ") for _, text in indexes] + makes
