"""The support report: copied with one click, with what support asks and nothing that must not leave."""

import re

from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenPhone
from tests.browser.pages import button, connect, dial, expect_state

WHOLE_SID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b")


def copy_report(page: Page) -> str:
    button(page, "Copy support report").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    report: str = page.evaluate("navigator.clipboard.readText()")
    return report


def test_a_report_is_copied_after_a_call_and_also_with_the_server_gone(
    open_phone: OpenPhone, alice: User
) -> None:
    credentials = connect(alice)
    page = open_phone(alice)
    page.context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"])
    expect_state(page, "ready")
    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Mute")).to_be_visible()
    button(page, "Hang up").click()
    expect(button(page, "Call")).to_be_visible()

    # The way to the server and back is known once it has answered to a report.
    for _ in range(50):
        report = copy_report(page)
        if "to Dog n Bone not known" not in report:
            break
        page.wait_for_timeout(200)
    for part in ("Phone: ready", "Verdict: none", "connecting · registering", "ready · registered"):
        assert part in report, report
    for pattern in (
        r"Twilio Voice SDK 2\.\d+",
        r"Browser: .*Chrom",
        r"to Dog n Bone \d+ ms",
        r"UTC[+-]\d\d:",
    ):
        assert re.search(pattern, report), report
    assert re.search(r"disconnect · disconnect · outgoing CA…[0-9a-f]{4}\n", report), report
    assert f"account: …{credentials.account.account_sid[-4:]}, API key …" in report
    for forbidden in (
        catalogue.ECHO_NUMBER,
        catalogue.DEMO_NUMBER,
        catalogue.auth_token(catalogue.DEMO),
        credentials.api_key_secret.reveal(),
        alice.email,
        alice.identity,
    ):
        assert forbidden not in report
    assert not WHOLE_SID.search(report), report

    page.context.set_offline(True)
    expect_state(page, "offline")
    report = copy_report(page)
    assert "Verdict: browser_network" in report
    assert "Network: offline" in report
    assert "offline · watchdog · network-offline" in report


def test_where_the_clipboard_is_forbidden_the_report_is_shown(open_phone: OpenPhone, alice: User) -> None:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')))")
    button(page, "Copy support report").click()
    expect(page.get_by_label("Support report", exact=True)).to_have_value(
        re.compile("^Dog n Bone support report")
    )
