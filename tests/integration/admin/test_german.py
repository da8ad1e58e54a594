"""The admin in German: what is kept as a slug, and what is stored in English, is put into words when read."""

from importlib import import_module

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext
from django_tasks.base import Task

from accounts.admin.permissions import describe_permission, list_permissions
from accounts.admin.tasks import NAMED
from accounts.failures.groups import FailureGroup
from accounts.people import User
from tests.browser import admin_rows
from tests.conftest import signed_in

TASKS = (
    *("accounts.tasks.nightly", "accounts.twilio.recheck", "accounts.twilio.errands", "accounts.letters"),
    *("accounts.failures.alarms", "phone.colleagues.sweeping", "phone.in_call.reconciling"),
    *("phone.in_call.announcing", "phone.in_call.consulting", "phone.in_call.vanished"),
    *("phone.in_call.tidying", "phone.in_call.transferring", "phone.recordings.automatic"),
    *("phone.recordings.deletions", "phone.recordings.asking", "phone.calls.reconciling"),
    *("phone.recents.renaming", "phone.contacts.exchange.importing", "phone.answering.unasked"),
    *("phone.causes.unheard", "accounts.sign_ins.noting"),
)


@pytest.fixture
def client_of_german(admin_user: User) -> Client:
    admin_rows.make_rows(admin_user)
    admin_user.language = "de"
    admin_user.save()
    return signed_in(admin_user)


def test_every_task_has_a_name_that_is_translated() -> None:
    names = {
        one.func.__name__.replace("_", " ")
        for module in TASKS
        for one in vars(import_module(module)).values()
        if isinstance(one, Task) and one.func.__module__ == module
    }
    assert names <= {str(name) for name in NAMED}
    with translation.override("de"):
        assert {name for name in names if pgettext("task", name) == name} == set()


@pytest.mark.django_db
def test_every_permission_is_in_words_of_the_language_that_is_spoken() -> None:
    permissions = list(list_permissions())
    assert [describe_permission(one) for one in permissions] == [one.name for one in permissions]
    with translation.override("de"):
        said = [describe_permission(one) for one in permissions]
    assert [words for words in said if not words.startswith(("Darf ", "Bekommt "))] == []
    assert Permission.objects.filter(name__startswith="Darf").count() == 0


def test_what_was_done_to_failures_is_said_in_german(client_of_german: Client) -> None:
    group = FailureGroup.objects.filter(verdict="wrong_auth_token", state="open")[0]
    answer = client_of_german.post(
        f"{reverse('admin:accounts_failuregroup_changelist')}?state=all",
        {"action": "resolve", "_selected_action": [group.pk], "index": 0, "apply": "yes", "note": ""},
        follow=True,
    )
    assert "Erledigt: Das Auth Token ist falsch: " in answer.text
    shown = client_of_german.get(reverse("admin:accounts_failuregroup_change", args=[group.pk])).text
    assert "admin@example.com: erledigt" in shown
    action = admin_rows.AdminAction.objects.get(action="resolve")
    assert action.detail["group"] == group.identify()


def test_the_support_report_is_english_for_whoever_it_is_handed_to(client_of_german: Client) -> None:
    page = client_of_german.get(reverse("admin:page_trail", args=[admin_rows.PAGE])).text
    assert "Support-Bericht kopieren" in page
    assert "What the phone did last, oldest first" in page and "beendet" not in page.partition("<pre")[2]


def test_modules_have_their_texts_before_them(client_of_german: Client) -> None:
    page = client_of_german.get(reverse("admin:page_trail", args=[admin_rows.PAGE])).text
    assert 0 < page.index("texts/de") < page.index("admin-dognbone/copy")
