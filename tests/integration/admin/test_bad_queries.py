"""Whatever an address of the admin asks is answered: with what was sought, or with 400 and the reason."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import AdminAction
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from dognbone.admin_queries import LONGEST_QUERY, LONGEST_SEARCH
from tests.conftest import signed_in

LISTS = {
    model._meta.label_lower: (model, f"/admin/{model._meta.label_lower.replace('.', '/')}/")
    for model in admin.site._registry
}
FAILURES = "/admin/accounts/loginfailure/"

LOOKUPS = (
    *("", "exact", "iexact", "in", "gt", "gte", "lt", "lte", "range", "isnull", "contains", "icontains"),
    *("startswith", "regex", "iregex", "year", "year__gte", "month", "date", "hour__in", "isnull__in"),
    *("id", "user__password", "user__password__startswith", "has_key", "foo", "foo__bar", "len", "search"),
)
VALUES = (
    *("", "0", "1", "-1", "zzz", "True", "None", "\0", "a\0b", "\ud800", "\uffff", "🐕", "%", "_", "\\"),
    *(
        "9" * 19,
        "9" * 40,
        "-" + "9" * 40,
        "1e400",
        "nan",
        "²",
        "1,2",
        "9" * 30 + ",1",
        ",",
        "(",
        "(a+)+$",
        "[",
    ),
    *("2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01", "0000-00-00"),
    *("::1", "{}", '{"a":', "'", '"', "';--", "<script>", "A" * 3000, "a " * 120, "1," * 1500),
)
CONTROLS = (
    *("q", "o", "p", "e", "all", "_facets", "_popup", "_to_field", "_source_model", "_changelist_filters"),
    *(
        "at",
        "term",
        "next",
        "zzz",
        "__",
        "pk",
        "pk__in",
        "",
        "\0",
        "verdict",
        "state",
        "reviewed",
        "assigned",
    ),
)


def encode(pairs: list[tuple[str, str]]) -> str:
    """As a browser or an attacker would write it: half a surrogate pair too."""
    return urlencode(pairs, encoding="utf-8", errors="surrogatepass")


def generate(dice: random.Random, names: list[str], count: int) -> Iterator[str]:
    for _ in range(count):
        pairs = [(dice.choice(names), dice.choice(VALUES)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
        yield encode(pairs * dice.choice((1, 1, 1, 2, 300)))


def list_names(model: type[Model]) -> list[str]:
    """Every field with every lookup, once; and the names that are no field's, as often again."""
    fields = [field.name for field in model._meta.get_fields()]
    lookups = [f"{field}__{lookup}".removesuffix("__") for field in fields for lookup in LOOKUPS]
    return lookups + [*CONTROLS] * (len(lookups) // len(CONTROLS))


@pytest.fixture
def client(transactional_db: None, admin_user: User) -> Client:
    """Real transactions, for what the database refuses must not be all that it hears in this test."""
    User.objects.bulk_create(
        User(email=f"p{number}@example.com", name="P", identity=f"p{number}") for number in range(31)
    )
    Group.objects.create(name="Helpers")
    LoginFailure.objects.create(email="p1@example.com", verdict="unclear", shown_by="check")
    browser = signed_in(admin_user)
    browser.raise_request_exception = False
    return browser


@pytest.mark.parametrize("label", LISTS)
def test_no_query_makes_a_list_or_its_export_break(label: str, client: Client) -> None:
    model, address = LISTS[label]
    # Each database is asked others. What was made up may hit none of the few fields that a list can be
    # filtered by.
    dice = random.Random(f"{label} on {connection.vendor}")
    queries = [*generate(dice, list_names(model), 20), "q=zzz", "id__foo=1"]
    methods: list[tuple[Callable[..., object], str]] = [(client.get, address)]
    if isinstance(admin.site._registry[model], ReadOnlyAdmin):
        methods.append((client.post, f"{address}export/"))
    statuses: Counter[int] = Counter()
    for query in queries:
        for ask, page in methods:
            answer = ask(f"{page}?{query}")
            told = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (200, 302, 400, 403), f"{page}?{query[:300]}"
            assert answer.status_code != 400 or b"This cannot be answered" in told
            statuses[answer.status_code] += 1
    assert min(statuses[200], statuses[400]) > 0, "The queries are of one kind only."


UNANSWERABLE = (
    "no_such_field=1",
    "no_such_field__exact=1",
    "id__no_such_lookup=1",
    "id__exact=zzz",
    "id=%00",
    "q=%00",
    "%00=1",
    "q=" + "a" * (LONGEST_SEARCH + 1),
    "q=" + "a" * 100_000,
    "id__in=" + "1," * LONGEST_QUERY,
    "id__regex=(",
    "_to_field=password",
    "&".join(["a="] * 1200),
)


def test_what_a_list_cannot_answer_is_told_with_400_by_the_list_and_its_export(client: Client) -> None:
    for model, address in LISTS.values():
        for query in UNANSWERABLE:
            pages = [client.get(f"{address}?{query}")]
            if getattr(admin.site._registry[model], "newest_by", ""):
                pages.append(client.post(f"{address}export/?{query}"))
            for page in pages:
                assert page.status_code == 400, f"{address}?{query[:100]}"
                assert "This cannot be answered" in page.content.decode()
    assert not AdminAction.objects.exists()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("failed_at__gte=2026-02-30", "no such value"),
        ("failed_at__year=2026", "does not have"),
        ("count__in=" + "9" * 40, "out of range"),
    ],
)
def test_the_page_says_what_is_wrong(query: str, reason: str, client: Client) -> None:
    if "out of range" in reason and connection.vendor == "postgresql":
        pytest.skip("PostgreSQL compares with numbers of any length.")
    answer = client.get(f"{FAILURES}?{query}")
    assert answer.status_code == 400
    assert reason in answer.content.decode()


def test_what_the_admins_own_links_ask_is_still_answered(client: Client) -> None:
    day = quote(timezone.now().replace(hour=0, minute=0, second=0, microsecond=0).isoformat())
    for query in (
        "reviewed=all&p=1&o=-1.3",
        f"reviewed=all&failed_at__gte={day}",
        "reviewed=all&failed_at__isnull=False",
        "reviewed=all&verdict=unclear&verdict=unclear",
        "reviewed=all&shown_by__exact=check&shown_by__in=check,device",
    ):
        answer = client.get(f"{FAILURES}?{query}")
        assert answer.status_code == 200, query
        assert len(answer.context["cl"].result_list) == 1, query


def list_other_addresses(resolver: URLResolver, prefix: str = "/admin/") -> Iterator[str]:
    """Every other address, with keys that exist, that do not, and that cannot be."""
    keys = {
        "pk": ("1", "9" * 40),
        "id": ("1", "9" * 40, "zzz", "%00"),
        "object_id": ("1", "9" * 40, "zzz", "%00", "_5F", str(uuid.UUID(int=7))),
        "page_session": (str(uuid.UUID(int=7)),),
        "content_type_id": ("1", "zzz", "9" * 40),
        "app_label": ("accounts", "phone"),
        "url": ("zzz", "%00"),
    }
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from list_other_addresses(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern) and "logout" not in str(entry.name):
            yield from fill(prefix + describe(entry), keys)


def describe(entry: URLPattern) -> str:
    return "<app_label>/" if entry.name == "app_list" else str(entry.pattern).replace("(?P<url>.*)$", "<url>")


def fill(address: str, keys: dict[str, tuple[str, ...]]) -> Iterator[str]:
    start, opened, rest = address.partition("<")
    if not opened:
        yield address
        return
    name, _, end = rest.partition(">")
    for value in keys[name.rpartition(":")[2]]:
        yield from fill(start + value + end, keys)


def test_no_query_makes_any_other_page_of_the_admin_break(client: Client) -> None:
    resolver = next(
        entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "admin"
    )
    assert isinstance(resolver, URLResolver)
    addresses = sorted(set(list_other_addresses(resolver)))
    assert len(addresses) > 200
    dice = random.Random(connection.vendor)
    for address in addresses:
        for query in generate(dice, [*CONTROLS, "email", "groups", "user_permissions", "is_active"], 1):
            for ask in (client.get, client.post):
                status = ask(f"{address}?{query}").status_code
                assert status in (200, 302, 400, 403, 404, 405), f"{ask} {address}?{query[:300]}"


def test_a_row_that_is_looked_for_by_a_field_without_a_name_is_looked_for_by_its_key(
    client: Client, admin_user: User
) -> None:
    for model, address in LISTS.values():
        key = model._meta.pk.get_default() or 1
        for page in ("change", "delete"):
            for ask in (client.get, client.post):
                assert ask(f"{address}{key}/{page}/?_to_field=").status_code in (200, 302, 403), page
    shown = client.get(f"/admin/accounts/user/{admin_user.pk}/change/?_to_field=")
    assert shown.status_code == 200 and admin_user.email in shown.content.decode()


def test_a_timeline_of_no_time_is_that_of_the_newest_or_400(client: Client, alice: User) -> None:
    for at in (*VALUES, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        query = encode([("at", at)])
        answer = client.get(f"/admin/timeline/person/{alice.pk}/?{query}")
        assert answer.status_code == (400 if "\0" in at or len(query) > LONGEST_QUERY else 200), at


def test_rows_that_cannot_be_are_not_acted_on(client: Client) -> None:
    for _, address in LISTS.values():
        for key in ("zzz", "\0", "9" * 40):
            for action in ("delete_selected", "mark_reviewed", "\0"):
                sent = {"action": action, "_selected_action": key, "index": "zzz", "select_across": "0"}
                status = client.post(address, sent).status_code
                assert status in (200, 302, 400, 403), f"{address} {sent}"


def test_a_saved_link_of_anything_is_refused_or_kept(client: Client) -> None:
    for value in VALUES:
        for sent in (
            {"name": value, "address": FAILURES},
            {"name": "x", "address": f"{FAILURES}?q={value}"},
            {"name": "x", "address": value},
        ):
            cleaned = {name: text.replace("\ud800", "\ufffd") for name, text in sent.items()}
            assert client.post("/admin/saved-links/", cleaned).status_code == 302


def test_no_row_has_a_page_elsewhere_whatever_its_key(client: Client) -> None:
    for kind in ContentType.objects.values_list("pk", flat=True):
        for key in ("30", "zzz", str(uuid.UUID(int=1))):
            assert client.get(f"/admin/r/{kind}/{key}/").status_code == 404
