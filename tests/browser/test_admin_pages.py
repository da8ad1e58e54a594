"""Every page of the admin, by day and by night, on a wide screen and a telephone: nothing that axe finds,
nothing to scroll sideways, no identity in place of a name.
"""

import re
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.urls import reverse
from playwright.sync_api import Page

from accounts.company.memberships import Membership
from accounts.failures.groups import FailureGroup
from accounts.people import User
from phone.call_failures.groups import CallFailureGroup
from phone.calls.call import Call
from tests.browser.admin_rows import PAGE, SID, make_rows
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import find_faults_by_day_and_night

# What is wider than the screen, or than the part of the page that it would have to be scrolled in.
FIND_WIDE = """
() => [...document.querySelectorAll("html, body *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1
    && (one === document.documentElement || ["auto", "scroll"].includes(getComputedStyle(one).overflowX)))
  .map((one) => `${one.tagName}#${one.id}.${one.className}: ${one.scrollWidth} in ${one.clientWidth}`
    + [...one.querySelectorAll("*")]
      .filter((part) => part.getBoundingClientRect().right > one.getBoundingClientRect().right)
      .slice(-2).map((part) => ` <${part.tagName}.${part.className}>`))
"""
# A mark for yes or no in a list without heads of columns, and no word that says of what.
FIND_BARE_MARKS = """
() => [...document.querySelectorAll("#result_list td:has(> img)")]
  .filter((one) => !one.closest("table").tHead.offsetHeight && one.offsetHeight
    && getComputedStyle(one, "::before").content === "none")
  .map((one) => one.className)
"""
# A field that goes on beyond the form that it is in, where nobody can scroll.
FIND_CUT_FIELDS = """
() => [...document.querySelectorAll("#content form :is(input, select, textarea)")]
  .filter((one) => one.checkVisibility()
    && one.getBoundingClientRect().right > one.closest("fieldset, form").getBoundingClientRect().right + 1)
  .map((one) => one.name)
"""
FIND_IDLE_ACTIONS = """
() => [...document.querySelectorAll("#changelist-form .actions")]
  .filter((one) => one.offsetHeight && !document.querySelector("#result_list tbody tr"))
  .map((one) => one.innerText)
"""
PASSWORD_PAGES = ("/accounts/password/change/",)


def list_pages(person: User) -> list[str]:
    """Each list, one row of each, and the pages that belong to no table."""
    pages = [
        "/admin/",
        "/admin/accounts/",
        "/admin/phone/",
        "/admin/accounts/alarm/thresholds/",
        *PASSWORD_PAGES,
    ]
    for model in django_admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"admin:{label}_changelist"))
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            pages.append(reverse(f"admin:{label}_change", args=[row.pk]))
    groups = reverse("admin:accounts_failuregroup_changelist")
    calls = reverse("admin:phone_callfailuregroup_changelist")
    pages += [
        f"{calls}?whose=all&open={CallFailureGroup.objects.order_by('pk')[0].pk}",
        reverse("admin:phone_call_change", args=[Call.objects.get(call_sid=SID).pk]),
        f"{groups}?state=all&open={FailureGroup.objects.filter(user=person)[0].pk}",
        f"{groups}?q=nobody-at-all",
        f"/admin/accounts/user/{person.pk}/change/",
        f"/admin/accounts/user/{person.pk}/delete/",
        f"/admin/accounts/user/{person.pk}/password/",
        f"/admin/accounts/user/{person.pk}/history/",
        f"/admin/accounts/user/{person.pk}/remove-factors/",
        f"/admin/accounts/membership/{Membership.objects.exclude(user=person)[0].pk}/make-owner/",
        "/admin/accounts/user/add/",
        "/admin/auth/group/add/",
        f"/admin/timeline/page/{PAGE}/",
        f"/admin/timeline/person/{person.pk}/",
        f"/admin/timeline/person/{person.pk}/?kind=device",
    ]
    return pages


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_the_admin_is_for_everybody(
    width: int, open_browser: OpenBrowser, admin_user: User
) -> None:
    person = make_rows(admin_user)
    Group.objects.create(name="Front desk")
    page = open_browser()
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    found: dict[str, Any] = {}
    page.goto("/admin/")
    look(page, "sign-in", found)
    sign_in(page, admin_user.email)
    page.wait_for_url("**/")
    for address in list_pages(person):
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, f"{address}: {answer.status}"
        look(page, address, found)
    for name in ("acknowledge", "assign", "add_note"):
        page.goto(reverse("admin:accounts_failuregroup_changelist"))
        page.locator("input.action-select").first.check()
        page.get_by_label("Action:").select_option(name)
        page.get_by_role("button", name="Go").click()
        look(page, f"asking for {name}", found)
    page.goto(reverse("admin:phone_call_change", args=[Call.objects.order_by("pk")[0].pk]))
    page.get_by_role("button", name="Show the full numbers").click()
    look(page, "unmasked", found)
    assert not found, "\n".join(f"{where}: {what}" for where, whats in found.items() for what in whats)


def look(page: Page, where: str, found: dict[str, Any]) -> None:
    faults = [*find_faults_by_day_and_night(page), *(f"too wide: {one}" for one in page.evaluate(FIND_WIDE))]
    faults += [f"a field is cut: {one}" for one in page.evaluate(FIND_CUT_FIELDS)]
    faults += [f"what is marked? {one}" for one in page.evaluate(FIND_BARE_MARKS)]
    faults += [f"nothing to act on: {one}" for one in page.evaluate(FIND_IDLE_ACTIONS)]
    if identities := re.findall(r"client:\w+", page.content()):
        faults.append(f"an identity: {identities[0]}")
    if faults:
        found[where] = faults
