"""What is left to a worker after connecting and removing, as the page shows it."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from playwright.sync_api import expect

from accounts.people import User
from accounts.twilio.errands import UNDER_WAY
from fake_twilio import catalogue
from tests.browser.conftest import OpenPhone
from tests.tasks import run_tasks


def work() -> None:
    """The worker's part, in a thread of its own: Playwright keeps a loop running in this one."""

    def work_off() -> None:
        try:
            run_tasks()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(work_off).result()


def test_what_is_being_done_at_twilio_is_shown_as_it_becomes_done(alice: User, open_phone: OpenPhone) -> None:
    page = open_phone(alice)
    expect(page).to_have_url("/accounts/twilio/")
    page.get_by_label("Account SID", exact=True).fill(catalogue.account_sid(catalogue.DEMO))
    page.get_by_label("Auth Token", exact=True).fill(catalogue.auth_token(catalogue.DEMO))
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text(str(UNDER_WAY["numbers"]))).to_be_visible()
    work()
    expect(page.get_by_text(f"Calls to {catalogue.DEMO_NUMBER}, which nobody answered")).to_be_visible()
    expect(page.get_by_role("button", name=f"Give back {catalogue.DEMO_NUMBER}")).to_be_visible()
    expect(page.get_by_text(str(UNDER_WAY["numbers"]))).to_be_hidden()

    page.get_by_text("Remove this Twilio account").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text(str(UNDER_WAY["clearing"]))).to_be_visible()
    work()
    expect(page.get_by_text("The API key that Dog n Bone made was removed")).to_be_visible()
    expect(page.get_by_text("Dog n Bone has forgotten your Twilio credentials.")).to_be_visible()
