"""Voicemail in the page: messages are played, sought in, hastened, deleted and had back."""

import time

from playwright.sync_api import Locator, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.recordings.listenings import Listening
from phone.voicemail.messages import VoicemailMessage
from tests.at_twilio import ask, list_recordings
from tests.browser.conftest import OpenPhone
from tests.browser.pages import connect, expect_state
from tests.fake_control import FakeTwilio
from tests.integration.recordings.stock import count_new, make_call, make_message

SECONDS = 4
SHOW = """
async (address) => {
  while (!globalThis.htmx) await new Promise((resolve) => setTimeout(resolve, 50));
  await htmx.ajax('GET', address, {target: '#pane', swap: 'innerHTML'});
}
"""


def record_at_twilio(fake: FakeTwilio) -> str:
    """The SID of what a stranger said there."""
    twiml = f'<Response><Record maxLength="{SECONDS}" playBeep="false" timeout="9"/></Response>'
    ask(fake, "/Calls.json", To=catalogue.STRANGER_NUMBER, From=catalogue.DEMO_NUMBER, Twiml=twiml)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for one in list_recordings(fake):
            if one["status"] == "completed":
                return str(one["sid"])
        time.sleep(0.1)
    raise AssertionError("nothing was recorded")


def leave(account: TwilioAccount, person: User, name: str, recording_sid: str) -> VoicemailMessage:
    call = make_call(account, name=name)
    return make_message(call, person, name=name, recording_sid=recording_sid, seconds=SECONDS)


def read(item: Locator, what: str) -> float:
    return float(item.locator("audio").evaluate(f"sound => sound.{what}"))


def wait_for_time(item: Locator, first: float, last: float = SECONDS) -> None:
    """Until the sound has come there."""
    for _ in range(200):
        if first <= read(item, "currentTime") <= last:
            return
        item.page.wait_for_timeout(50)
    raise AssertionError(f"at {read(item, 'currentTime')}, not between {first} and {last}")


def test_a_message_is_played_sought_in_hastened_deleted_and_had_back(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    account = connect(alice).account
    message = leave(account, alice, "1", record_at_twilio(fake_twilio))
    gone = leave(account, alice, "2", "RE" + "e" * 32)
    page = open_phone(alice)
    expect_state(page, "ready")
    page.get_by_role("link", name="Voicemail, 2 new").click()
    item = page.locator(f'[data-voicemail="{message.pk}"]')
    expect(item).to_contain_text("New")
    expect(item.get_by_role("button", name="Call back")).to_have_attribute("data-call-back", "+12025550147")

    item.get_by_role("button", name="Play").click()
    expect(item.get_by_role("button", name="Pause")).to_be_visible()
    wait_for_time(item, 0.3)
    expect(item).not_to_contain_text("New")
    assert count_new(alice) == 1 and Listening.objects.get().user == alice
    item.get_by_label("Speed").select_option("2")
    assert read(item, "playbackRate") == 2
    item.get_by_role("button", name="Pause").click()
    item.get_by_label("Position").fill("2.5")
    wait_for_time(item, 2.3, 2.7)
    expect(item.get_by_text("0:02")).to_be_visible()
    item.get_by_role("button", name="Play").click()
    wait_for_time(item, 2.7)
    with page.expect_download() as download:
        item.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".mp3")

    lost = page.locator(f'[data-voicemail="{gone.pk}"]')
    lost.get_by_role("button", name="Play").click()
    expect(lost.get_by_role("alert")).to_contain_text("not at Twilio any more")
    expect(lost).not_to_contain_text("New")
    assert count_new(alice) == 0

    item.get_by_role("button", name="Delete").click()
    expect(item).to_have_count(0)
    # At Twilio it is deleted once it cannot be had back any more. The button is one step from where one is.
    expect(page.get_by_text("The message is deleted. In a minute it goes at Twilio, too.")).to_be_visible()
    expect(page.locator("#pane-title")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The message is back.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    item.get_by_role("button", name="Delete").click()
    expect(item).to_have_count(0)
    expect(lost).to_be_visible()


def test_whose_calls_are_recorded_is_kept_as_soon_as_it_is_switched(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    page.evaluate(SHOW, "/phone/settings/recording/")
    mine = page.get_by_role("switch", name="Record calls", exact=True)
    expect(mine).not_to_be_checked()
    mine.click()
    expect(page.get_by_text("Switched on by Alice")).to_be_visible()
    expect(mine).to_be_focused()
    page.evaluate(SHOW, "/phone/settings/recording/")
    expect(mine).to_be_checked()
    mine.press("Space")
    expect(page.get_by_text("Switched off by Alice")).to_be_visible()
