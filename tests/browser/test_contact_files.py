"""Contacts come in from a file and leave in one, beside a call that goes on."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import FilePayload, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import SCROLLS_SIDEWAYS, WINDOWS, find_faults
from tests.browser.pages import connect, dial, expect_state
from tests.browser.test_errands import work

LINES = 40
PEOPLE = (
    "Vorname;Nachname;Telefon geschäftlich\r\n"
    + "".join(f"Jörg;Müller {number};'+49 30 23125{number:03}\r\n" for number in range(LINES))
    + 'Lost;Number;"4,91512E+11"\r\n' * LINES
)


def test_a_file_comes_in_and_leaves_again_beside_a_call(
    open_browser: OpenBrowser, alice: User, tmp_path: Path
) -> None:
    connect(alice)
    page = open_browser()
    sign_in(page, alice.email)
    page.goto("/phone/contacts/import/")
    expect_state(page, "ready")
    dial(page, catalogue.ECHO_NUMBER)
    call = page.get_by_role("region", name="Call", exact=True)
    expect(call).to_have_attribute("data-call-state", "open")

    def look(name: str, *schemes: Literal["light", "dark"]) -> None:
        """In every window nothing is cut off, and nothing that axe finds."""
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            # Colours change over a moment, in which none is as it is meant.
            page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
            assert find_faults(page) == []
            for width, height in WINDOWS:
                page.set_viewport_size({"width": width, "height": height})
                assert not page.evaluate(SCROLLS_SIDEWAYS), (name, width)

    page.get_by_role("button", name="Import", exact=True).click()
    assert page.url.endswith("/import/"), "without a file nothing is sent"
    file = FilePayload(name="Kontakte.csv", mimeType="text/csv", buffer=PEOPLE.encode("cp1252"))
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("radio", name="For everybody in the company").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("progressbar", name="Imported")).to_be_visible()

    work()
    expect(page.locator('#import-progress [data-count="added"]')).to_have_text(str(LINES))
    expect(page.get_by_role("status").filter(has_text="The import is done. 40 came in.")).to_have_count(1)
    lines = page.get_by_role("region", name=f"{LINES} lines to look at")
    expect(lines.get_by_role("listitem").first).to_contain_text("Line 42, Lost Number")
    expect(lines).to_contain_text("4,91512E+11")
    look("over", "light", "dark")
    expect(call).to_have_attribute("data-call-state", "open")

    page.get_by_role("link", name="Another file").click()
    expect(page.get_by_role("link", name="Kontakte.csv")).to_be_visible()
    look("form", "light")
    for name, told in (
        ("For phones and address books (vCard)", "FN:Jörg Müller 39\n"),
        ("For spreadsheets (CSV)", "\nJörg Müller 39,"),
    ):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        download.value.save_as(tmp_path / "contacts")
        assert told in (tmp_path / "contacts").read_text()
    expect(call).to_have_attribute("data-call-state", "open")
