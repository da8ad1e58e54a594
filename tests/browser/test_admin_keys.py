"""The list of failures by its keys, by the mouse, and without JavaScript: opened, acted on, and back."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.failures.groups import FailureGroup
from accounts.people import User
from tests.browser.admin_rows import make_rows
from tests.browser.conftest import OpenBrowser, sign_in
from tests.conftest import signed_in

GROUPS = "/admin/accounts/failuregroup/"


@pytest.fixture
def failures(open_browser: OpenBrowser, admin_user: User) -> Page:
    """The list of what is unresolved, on a wide screen."""
    make_rows(admin_user)
    page = open_browser()
    page.set_viewport_size({"width": 1440, "height": 700})
    sign_in(page, admin_user.email)
    page.wait_for_url("**/")
    page.goto(GROUPS)
    return page


def opened(page: Page) -> int:
    """The key of the group that is open, once it is the one that is marked in the list."""
    expect(page.locator("#beside")).to_be_visible()
    found = re.search(r"open=(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def press_key(page: Page, key: str) -> None:
    """Once the page is whole, because its script hears no key before."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def press(page: Page, key: str, group: FailureGroup) -> None:
    """Presses a key that opens `group`, and waits until it is open."""
    press_key(page, key)
    page.wait_for_url(re.compile(rf"open={group.pk}\b"))
    expect(page.locator(f"#group-{group.pk}")).to_have_class(re.compile("is-opened"))
    expect(page.locator("#beside input[name=_selected_action]").first).to_have_value(str(group.pk))


def test_j_and_k_move_and_open_beside_the_list(failures: Page) -> None:
    first, second = FailureGroup.objects.unresolved()[:2]
    press(failures, "j", first)
    press(failures, "j", second)
    assert failures.locator("#changelist-form").is_visible()
    press(failures, "k", first)
    press_key(failures, "k")
    assert opened(failures) == first.pk


def test_e_resolves_and_r_reopens_where_one_is(failures: Page) -> None:
    first, second, third = FailureGroup.objects.unresolved()[:3]
    failures.goto(f"{GROUPS}?seen=day")
    press(failures, "j", first)
    press(failures, "j", second)
    press_key(failures, "e")
    expect(failures.get_by_text("Resolved: ")).to_be_visible()
    second.refresh_from_db()
    assert second.state == "resolved"
    assert opened(failures) == second.pk
    assert "seen=day" in failures.url
    expect(failures.locator(f"#group-{second.pk}")).to_have_count(0)

    press_key(failures, "r")
    expect(failures.get_by_text("Reopened: ")).to_be_visible()
    second.refresh_from_db()
    assert second.state == "open"
    press_key(failures, "e")
    expect(failures.get_by_text("Resolved: ")).to_be_visible()
    press(failures, "j", third)


def test_keys_typed_into_a_field_are_text(failures: Page) -> None:
    first = FailureGroup.objects.unresolved()[0]
    press(failures, "j", first)
    failures.get_by_label("Note", exact=True).fill("")
    failures.get_by_label("Note", exact=True).press_sequentially("jerk?")
    expect(failures.get_by_label("Note", exact=True)).to_have_value("jerk?")
    first.refresh_from_db()
    assert first.state == "open"


def test_the_question_mark_lists_the_keys(failures: Page) -> None:
    failures.keyboard.press("?")
    keys = failures.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("resolves the one that is open")
    failures.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def wait_until_scrolled(page: Page, down: int) -> None:
    """Playwright's own wait for an expression evaluates text later on, which the page's policy forbids."""
    for _ in range(100):
        if page.evaluate("scrollY") == down:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"scrolled to {page.evaluate('scrollY')}, not {down}")


def test_after_an_action_the_list_is_where_it_was_scrolled_to(failures: Page) -> None:
    failures.set_viewport_size({"width": 1440, "height": 420})
    last = list(FailureGroup.objects.unresolved())[-1]
    failures.locator(f"#group-{last.pk}").click()
    failures.wait_for_url(re.compile(f"open={last.pk}"))
    expect(failures.locator("#beside input[name=_selected_action]").first).to_have_value(str(last.pk))
    failures.evaluate("scrollTo(0, 300)")
    failures.get_by_label("Note", exact=True).evaluate("(note) => { note.value = 'Called them.'; }")
    failures.locator("#beside button[value=add_note]").evaluate("(button) => button.click()")
    expect(failures.get_by_text("Noted on: ")).to_have_count(1)
    wait_until_scrolled(failures, 300)
    assert opened(failures) == last.pk


def test_all_of_it_goes_without_javascript(
    browser: Browser, site: str, admin_user: User, settings: object
) -> None:
    make_rows(admin_user)
    context = browser.new_context(base_url=site, java_script_enabled=False)
    cookie = signed_in(admin_user).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    page = context.new_page()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        group = FailureGroup.objects.unresolved()[1]
        page.goto(f"{GROUPS}?seen=day")
        page.locator(f"a:has(#group-{group.pk})").click()
        expect(page.locator("#beside")).to_be_visible()
        assert page.locator("#changelist-form").is_visible() == (width == 1440)
        page.get_by_label("Note", exact=True).fill("Rotated.")
        page.get_by_role("button", name="Resolve").click()
        expect(page.get_by_text("Resolved: ")).to_be_visible()
        assert f"open={group.pk}" in page.url
        group.refresh_from_db()
        assert group.state == "resolved"
        page.get_by_role("link", name="Back to the list").click()
        expect(page.locator("#changelist-form")).to_be_visible()
        assert "seen=day" in page.url
    context.close()
