"""Who can reach what of the admin: each page of each table, beside the table in `docs/security.md`."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.failures.alarms import Alarm
from accounts.people import User
from accounts.saved_links import SavedLink
from phone.calling_limits.calling_limits import CallingLimits
from tests.browser import admin_rows
from tests.fake_control import FakeTwilio
from tests.integration.reach.addresses import list_admin_pages
from tests.integration.reach.cast import Cast, ask, make_cast
from tests.integration.reach.tables import compare

# Of a table, behind its own address: what it is called in `docs/security.md`, and how it is asked for.
OF_TABLE = {
    "": ("GET", {}),
    "add/": ("POST", {}),
    "<path:object_id>/change/": ("GET", {}),
    "<path:object_id>/change/ ": ("POST", {}),
    "<path:object_id>/delete/": ("POST", {"post": "yes"}),
    "<path:object_id>/history/": ("GET", {}),
    "export/": ("POST", {}),
    "<path:object_id>/unmask/": ("POST", {}),
}
ASKED_FOR: dict[str, Callable[[Cast], list[Any]]] = {
    "admin:remove_link": lambda cast: [SavedLink.objects.get().pk],
    "admin:dismiss_alarm": lambda cast: [Alarm.objects.all()[0].pk],
    "admin:page_trail": lambda cast: [admin_rows.PAGE],
    "admin:person_trail": lambda cast: [cast.member.pk],
    "admin:alarm_thresholds": lambda cast: [],
    "admin:edit_calling_limits": lambda cast: [find_row(CallingLimits, cast).pk],
    "admin:auth_user_password_change": lambda cast: [cast.member.pk],
    "admin:remove_factors": lambda cast: [cast.member.pk],
    "admin:appoint_owner": lambda cast: [Membership.objects.get(user=cast.member).pk],
    "admin:app_list": lambda cast: ["phone"],
}
# Django's own for addresses without an ending: it leads to `change/`.
LEADS_ON = "<path:object_id>/"


@pytest.fixture
def cast(db: None, fake_twilio: FakeTwilio) -> Cast:
    cast = make_cast()
    admin_rows.make_rows(cast.admin)
    return cast


def find_row(model: type[Model], cast: Cast) -> Model:
    """Any of the table's; one that is made of nothing but what it cannot do without."""
    # Of people, one on whose credentials nobody else's phone runs: such a person is deleted by nobody.
    row = cast.member if model is User else model._default_manager.first()
    if row is None:
        known = {"account": cast.account, "user": cast.member, "call": cast.of_member.call}
        made = {"UUIDField": uuid.uuid4, "DateTimeField": timezone.now, "JSONField": list}
        sent: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            is_needed = not field.null and not field.has_default() and not field.primary_key
            if field.name in known:
                sent[field.name] = known[field.name]
            elif is_needed and field.get_internal_type() not in ("CharField", "TextField", "ForeignKey"):
                sent[field.name] = made.get(field.get_internal_type(), int)()
        row = model._default_manager.create(**sent)
    return row


def list_tables() -> dict[str, ModelAdmin[Model]]:
    """By how their addresses begin."""
    return {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": page
        for model, page in admin.site._registry.items()
    }


def test_every_table_of_the_admin_answers_as_it_is_written(cast: Cast) -> None:
    patterns = {pattern for pattern, _ in list_admin_pages()}
    rows = []
    for begin, page in list_tables().items():
        row = find_row(page.model, cast)
        cells = []
        for kind, (method, sent) in OF_TABLE.items():
            kind = kind.strip()
            if begin + kind not in patterns:
                cells.append("–")
                continue
            path = "/" + begin + kind.replace("<path:object_id>", str(row.pk))
            for outsider in (None, cast.owner):
                assert ask(cast, outsider, method, path, sent).word == "login", path
            who = cast.of_the_house.values()
            cells.append(" ".join(ask(cast, one, method, path, sent).word for one in who))
        rows.append((f"`/{begin}`", *cells, list_actions(page, cast.viewer), list_actions(page, cast.admin)))
    compare("Tables of the admin", rows)


def list_actions(page: ModelAdmin[Model], person: User) -> str:
    request = RequestFactory().get("/")
    request.user = person
    return ", ".join(f"`{name}`" for name in page.get_actions(request)) or "–"


def test_every_other_page_of_the_admin_answers_as_it_is_written(cast: Cast) -> None:
    of_tables = {begin + kind.strip() for begin in list_tables() for kind in (*OF_TABLE, LEADS_ON)}
    who = {"nobody": None, "the company's owner": cast.owner, **cast.of_the_house}
    rows = []
    for pattern, name in list_admin_pages():
        if pattern in of_tables:
            continue
        arguments = ASKED_FOR.get(name, lambda cast: [])(cast)
        # What Django answers to an address of the admin that is none.
        path = reverse(name, args=arguments) if name else "/admin/there-is-none/"
        methods: dict[tuple[str, ...], list[str]] = {}
        for method in ("GET", "POST"):
            words = tuple(ask(cast, one, method, path).word for one in who.values())
            if set(words) - {"405", "login"}:
                methods.setdefault(words, []).append(method)
        rows += [(f"`/{pattern}`", " ".join(asked), *words) for words, asked in methods.items()]
    compare("Pages of the admin beside its tables", rows)
