"""The admin's searches and its lists of calls by cause are answered by indexes, however long tables are."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from tests.conftest import signed_in

# SQLite, which nobody has analyse its tables, plans alike however long they are.
ROWS, PEOPLE = 100_000 if connection.vendor == "postgresql" else 5_000, 200
SOUGHT = 4321
PAGE = str(uuid.UUID(int=SOUGHT))

# SQL over a number `i`, one row for each.
if connection.vendor == "postgresql":
    HEX, AT = "lpad(to_hex(i), 32, '0')", "now() - i * interval '1 second'"
    # Half of the rows lie in the default part, and half in that of a month.
    IN_MONTHS = f"{AT} + i % 2 * interval '40 days'"
    UUID, INET = f"{HEX}::uuid", "::inet"
else:
    HEX, AT = "printf('%032x', i)", "datetime('now', '-' || i || ' seconds')"
    IN_MONTHS = AT
    UUID, INET = HEX, ""
USER = f"(SELECT min(id) FROM accounts_user WHERE email LIKE 'p%@example.com') + i % {PEOPLE}"
ACCOUNT = "(SELECT id FROM accounts_twilioaccount)"
EMAIL = f"CASE WHEN i = {SOUGHT} THEN 'gone@example.com' ELSE 'p' || (i % {PEOPLE}) || '@example.com' END"
SID = f"'AC' || substr({HEX}, 5) || 'beef'"
NUMBER = "'+1202' || (1000000 + i)"
TABLES = {
    "accounts_accountevent": {
        "happened_at": AT,
        "kind": "'signed_in'",
        "user_id": USER,
        "email": EMAIL,
        "account_sid": SID,
        "page_session": UUID,
        "user_agent": "''",
    },
    "phone_issuedtoken": {
        "user_id": USER,
        "identity": "'dnb'",
        "email": EMAIL,
        "account_sid": SID,
        "kind": "'access'",
        "jti": "'SK1-' || i",
        "issued_at": IN_MONTHS,
        "expires_at": IN_MONTHS,
        "page_session": UUID,
    },
    "phone_call": {
        "id": UUID,
        "call_sid": f"'CA' || {HEX}",
        "account_id": ACCOUNT,
        "user_id": USER,
        "direction": "'outgoing'",
        "from_address": "'+12025550123'",
        "to_address": NUMBER,
        "status": "'completed'",
        "ending": "''",
        "cause": f"CASE WHEN i = {SOUGHT} THEN 'unclear' WHEN i % 1000 = 0 THEN 'busy' ELSE 'answered' END",
        "started_at": AT,
    },
    "phone_webhookrefusal": {
        "refused_at": AT,
        "reason": "'reason ' || i",
        "path": "'/'",
        "account_sid": SID,
        "call_sid": f"'CA' || {HEX}",
        "ip_address": f"('198.51.' || (i % 200) || '.7'){INET}",
    },
    "phone_devicepresence": {
        "user_id": USER,
        "page_session": UUID,
        "socket": UUID,
        "state": "'ready'",
        "connected_at": AT,
        "last_alive_at": AT,
    },
    "phone_devicesilence": {
        "user_id": USER,
        "identity": "'dnb'",
        "email": EMAIL,
        "page_session": UUID,
        "began_at": AT,
        "noticed_at": AT,
        "ended_at": AT,
    },
    "phone_connectiontest": {
        "user_id": USER,
        "identity": "'dnb'",
        "email": EMAIL,
        "account_sid": "''",
        "test_id": UUID,
        "page_session": UUID,
        "is_in_call": "false",
        "lines": "'[]'",
        "bad": "0",
        "tested_at": AT,
        "received_at": AT,
        "user_agent": "''",
    },
}
SOUGHT_SID = f"{SOUGHT:032x}"
SEARCHES = {
    "accounts/accountevent": ("p7@example.com", "gone@example.com", PAGE, "nobody@example.com"),
    "phone/issuedtoken": (
        *("p7@example.com", "gone@example.com", PAGE, f"SK1-{SOUGHT}", "nothing"),
        f"AC{SOUGHT_SID[4:]}beef",
    ),
    "phone/call": (f"+1202{1000000 + SOUGHT}", "p7@example.com", f"CA{SOUGHT_SID}", SOUGHT_SID[-4:], "zz"),
    "phone/webhookrefusal": (
        *(f"AC{SOUGHT_SID[4:]}beef", f"CA{SOUGHT_SID}", "198.51.7.7", f"reason {SOUGHT}", "nothing"),
    ),
    # Not by person: a person has few, and an index more would be written with every heartbeat.
    "phone/devicepresence": (PAGE,),
    "phone/connectiontest": ("p7@example.com", "gone@example.com", PAGE, "nothing"),
    "phone/devicesilence": ("p7@example.com", "gone@example.com", PAGE, "nothing"),
}
# By a common cause and a rare one, and of one account.
FILTERS = {"phone/call": ("cause=busy", "cause=unclear", "account={account}&cause=unclear")}
FIND_NOTHING = ("nobody@example.com", "nothing", "zz")


@pytest.fixture
def client(db: None, admin_user: User) -> Client:
    """Every table so full that to scan it is the dearer way."""
    User.objects.bulk_create(
        User(email=f"p{number}@example.com", name=f"P {number}") for number in range(PEOPLE)
    )
    TwilioAccount.objects.create(account_sid=f"AC{SOUGHT_SID[4:]}beef")
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                "WITH RECURSIVE numbers(i) AS "
                f"(SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {ROWS}) "
                f"SELECT {', '.join(columns.values())} FROM numbers"
            )
        # As PostgreSQL does by itself, and SQLite does not.
        if connection.vendor == "postgresql":
            # From a sample as large as the tables: else it is a matter of luck how many rows it takes a
            # beginning for.
            cursor.execute("SET LOCAL default_statistics_target = 1000")
            cursor.execute("ANALYZE")
    return signed_in(admin_user)


def list_scans(sql: str) -> Iterator[str]:
    """The parts of the database's plan that go through a whole table, or through a whole index of it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            [(plans,)] = cursor.fetchall()
            for plan in json.loads(plans) if isinstance(plans, str) else plans:
                yield from list_unbounded(plan["Plan"])
        elif " LIKE " not in sql:  # SQLite has no index for one with an ESCAPE.
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            yield from (row[3] for row in cursor.fetchall() if row[3].startswith("SCAN"))


def list_unbounded(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan"):
        yield f"SCAN {node['Relation Name']}"
    elif "Index" in node["Node Type"] and "Index Cond" not in node:
        yield f"SCAN {node.get('Relation Name', '')} by {node['Index Name']}"
    for part in node.get("Plans", ()):
        yield from list_unbounded(part)


def is_of_empty_part(scan: str, table: str) -> bool:
    """Whether it goes through the part of a month that has not come yet, which has no rows to pass over."""
    part = scan.split()[1]
    if part == table:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT NOT EXISTS (SELECT 1 FROM "{part}")')
        return bool(cursor.fetchone()[0])


def list_questions() -> Iterator[tuple[str, str, bool]]:
    """Each page, the query that it is asked, and whether that finds anything."""
    for page, searches in SEARCHES.items():
        for words in searches:
            yield page, urlencode({"q": words}), words not in FIND_NOTHING
    account = TwilioAccount.objects.get().pk
    for page, filters in FILTERS.items():
        for query in filters:
            yield page, query.format(account=account), True


def test_no_search_scans_a_long_table(client: Client) -> None:
    for page, words, finds in list_questions():
        table = page.replace("/", "_")
        with CaptureQueriesContext(connection) as queries:
            found = client.get(f"/admin/{page}/?{words}").context["cl"].result_list
        assert bool(found) == finds, f"{page} {words}"
        asked = [query["sql"] for query in queries if f'FROM "{table}"' in query["sql"]]
        assert asked, f"{page} {words}"
        for sql in asked:
            scans = [scan for scan in list_scans(sql) if table in scan and not is_of_empty_part(scan, table)]
            assert not scans, f"{page}, {words}: {scans}\n{sql}"
