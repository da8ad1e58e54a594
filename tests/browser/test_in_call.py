"""What one does in a call, by role and name: the real SDK's call, the server's part mostly played."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.in_call import telling
from tests.browser.conftest import OpenBrowser, OpenPhone
from tests.browser.frames import PlayedServer, build_party
from tests.browser.looks import expect_for_everybody, find_faults
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.sound import wait_for_sound
from tests.browser.test_calls import expect_digits, open_ready_phone
from tests.fake_control import FakeTwilio

CAPABILITY = "A capability token cannot change a call."
PLAIN = ["hold", "transfer", "consult", "add", "hang-up"]
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text", text);
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


@pytest.fixture
def phone(open_phone: OpenPhone, alice: User, bob: User) -> Page:
    connect(alice)
    connect(bob)
    page = open_phone(alice)
    expect_state(page, "ready")
    return page


@pytest.fixture
def server(phone: Page, alice: User, monkeypatch: pytest.MonkeyPatch) -> PlayedServer:
    """In the place of the server's own word, which would contradict what the test makes up."""
    monkeypatch.setattr(telling, "build_frames", lambda call_ids: {})
    return PlayedServer(phone, alice)


def find_calls(page: Page) -> Locator:
    return page.get_by_role("region", name="Call", exact=True)


def call_echo(page: Page, server: PlayedServer) -> str:
    """Calls the echo with the keyboard alone; its Call's SID, once it talks."""
    page.get_by_label("Number or name").fill(catalogue.ECHO_NUMBER)
    page.keyboard.press("Enter")
    expect(find_calls(page)).to_have_attribute("data-call-state", "open")
    expect(button(page, "Hang up")).to_be_focused()
    return server.get_latest_sid()


def test_a_call_is_held_transferred_and_grown_and_what_fails_is_said_while_it_goes_on(
    phone: Page, server: PlayedServer
) -> None:
    sid = call_echo(phone, server)
    call = find_calls(phone)
    # As soon as the page has heard of the answer, whether Twilio has told the server or not.
    server.tell(sid, state="ringing", soon=["hold"], cannot={"hold": "Not answered yet."})
    expect(button(phone, "Hold")).to_be_enabled()
    server.states.clear()
    server.tell(sid, can=["record"], cannot={"hold": CAPABILITY, "transfer": CAPABILITY, "add": CAPABILITY})
    expect(call).to_contain_text(f"Hold, Transfer and Add someone: {CAPABILITY}")
    expect(button(phone, "Hold")).to_be_disabled()
    hour_ago = (datetime.now(UTC) - timedelta(hours=1, seconds=5)).isoformat()
    server.tell(sid, name="Carol", can=PLAIN, cannot={}, answered_at=hour_ago)
    expect(call).to_contain_text(re.compile(r"1:00:\d\d\s*Carol"))

    # Hold: asked once, and shown once the server says so.
    server.states[sid] |= {"state": "held", "can": ["resume", "transfer", "consult"]}
    button(phone, "Hold").click()
    expect(call).to_have_attribute("data-call-state", "held")
    expect(call).to_contain_text("On hold.")
    expect(button(phone, "Resume")).to_be_focused()
    expect_for_everybody(phone)
    words = {"cause": "twilio_unavailable", "words": "Twilio does not answer.", "remedy": "Try again."}
    server.answers["resume"] = (503, words)
    button(phone, "Resume").click()
    expect(call.locator('[data-cause="twilio_unavailable"]')).to_have_text(
        "Twilio does not answer. Try again."
    )
    expect(call).to_have_attribute("data-call-state", "held")
    server.states[sid] |= {"state": "open", "can": PLAIN}
    phone.keyboard.press("Alt+Shift+H")
    expect(call).to_have_attribute("data-call-state", "open")
    expect(call.locator("[data-cause]")).to_have_count(0)
    assert [deed for _, deed, _ in server.asked] == ["hold", "resume", "resume"]

    # Transfer: to nobody, to no number, then talking first to somebody who declines.
    phone.keyboard.press("Alt+Shift+F")
    dialog = phone.get_by_role("dialog", name="Transfer")
    expect(dialog.get_by_label("Transfer to")).to_be_focused()
    dialog.get_by_role("button", name="Transfer now").click()
    expect(dialog.get_by_role("alert")).to_have_text("Type a number, a name or an e-mail address.")
    assert find_faults(phone) == []
    dialog.get_by_label("Transfer to").fill("12")
    server.answers["transfer"] = (422, {"cause": "invalid_number", "words": "12 is no number.", "remedy": ""})
    dialog.get_by_role("button", name="Transfer now").click()
    expect(dialog.locator('[data-cause="invalid_number"]')).to_have_text("12 is no number.")
    dialog.get_by_label("Transfer to").fill("bob")
    carol, bob = build_party("Carol", state="held"), build_party("Bob", role="consulted", state="ringing")
    server.states[sid] |= {"state": "consulting", "can": ["complete", "back"], "parties": [carol, bob]}
    server.states[sid] |= {"cannot": {"join": "Bob has not answered yet."}}
    dialog.get_by_role("button", name="Talk first").click()
    expect(dialog).to_be_hidden()
    expect(call).to_have_attribute("data-call-state", "consulting")
    expect(button(phone, "Complete transfer")).to_be_focused()
    assert server.asked[-1][1:] == ("consult", {"to": "bob", "call_from": catalogue.DEMO_NUMBER})
    expect(call.locator("[data-party]")).to_have_text(
        [re.compile("Bob.*Ringing", re.S), re.compile("Carol.*On hold", re.S)]
    )
    for name, is_enabled in {
        "Complete transfer": True,
        "Back to the caller": True,
        "Join all": False,
    }.items():
        expect(button(phone, name)).to_be_enabled(enabled=is_enabled)
    expect_for_everybody(phone)
    declined = {**bob, "state": "gone", "cause": "declined", "words": "Bob declined."}
    server.tell(sid, state="open", can=PLAIN, cannot={}, parties=[{**carol, "state": "talking"}, declined])
    expect(call.locator('[data-cause="declined"]')).to_have_text("Bob declined.")
    expect(button(phone, "Hang up")).to_be_focused()

    # Three together
    button(phone, "Add someone").click()
    dialog = phone.get_by_role("dialog", name="Add someone")
    dialog.get_by_label("Who").fill("bob")
    parties = [build_party("Carol"), build_party("Bob", role="added")]
    server.states[sid] |= {"state": "conference", "can": ["leave", "remove", "add"], "parties": parties}
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(call).to_have_attribute("data-call-state", "conference")
    expect(call.locator('[data-cause="declined"]')).to_be_hidden()
    expect_for_everybody(phone)
    call.locator('[data-party="leg-Bob"]').get_by_role("button", name="Remove").click()
    button(phone, "Leave").click()
    # The server cannot: the page ends its own line.
    server.answers["hang-up"] = (503, words)
    button(phone, "Hang up").click()
    expect(button(phone, "Call")).to_be_visible()
    assert [(deed, fields) for _, deed, fields in server.asked[-3:]] == [
        ("remove", {"party": "leg-Bob"}),
        ("leave", {}),
        ("hang-up", {}),
    ]


def test_what_one_types_in_a_call_goes_where_it_is_meant(
    phone: Page, server: PlayedServer, fake_twilio: FakeTwilio
) -> None:
    sid = call_echo(phone, server)
    server.tell(sid, can=PLAIN)
    expect(button(phone, "Hold")).to_be_enabled()
    for name in ("Mute", "Hold"):
        phone.keyboard.press("Tab")
        expect(button(phone, name)).to_be_focused()

    # A note takes letters, and none of the keys; it is saved, and said to be.
    note = phone.get_by_role("textbox", name="Note")
    note.fill("Call back")
    note.press("5")
    note.press("Alt+Shift+M")
    expect(find_calls(phone)).to_contain_text("Saved")
    assert server.asked[-1] == (sid, "note", {"note": "Call back5"})
    expect(button(phone, "Mute")).to_have_attribute("aria-pressed", "false")
    button(phone, "Mute").focus()
    phone.keyboard.press("Alt+Shift+M")
    expect(button(phone, "Mute")).to_have_attribute("aria-pressed", "true")

    # Tones, in their rhythm, from the keyboard and by a paste with a pause.
    phone.keyboard.type("12")
    phone.evaluate(PASTE, "34w5#")
    expect_digits(fake_twilio, phone, "12345#")
    phone.evaluate(PASTE, "my PIN is 1")
    expect(find_calls(phone)).to_contain_text("Only digits")

    # The list of keys opens by one, closes by Escape, and gives the focus back.
    phone.keyboard.press("?")
    keys = phone.get_by_role("dialog", name="Keys")
    for name in ("Answer", "Hang up", "Mute", "Hold", "Transfer", "Keypad"):
        expect(keys.get_by_text(re.compile(f"^{name}"))).to_be_visible()
    phone.keyboard.press("Escape")
    expect(button(phone, "Mute")).to_be_focused()

    # Whoever closes the page in a call is asked first.
    asked = []
    phone.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    phone.close(run_before_unload=True)
    expect(find_calls(phone)).to_be_visible()
    assert asked == ["beforeunload"]
    phone.keyboard.press("Alt+Shift+E")
    expect(button(phone, "Call")).to_be_visible()


def test_a_second_call_is_held_and_answered_beside_the_first_and_each_ends_by_itself(
    phone: Page, server: PlayedServer, fake_twilio: FakeTwilio
) -> None:
    phone.emulate_media(color_scheme="dark", reduced_motion="reduce")
    first = call_echo(phone, server)
    server.tell(first, name="Carol", can=PLAIN)
    second = str(fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)["call_sid"])
    ringing = phone.get_by_role("region", name="Incoming call")
    expect(ringing).to_contain_text("to Front desk")
    server.tell(second, direction="incoming", leg_sid="", state="ringing", can=["answer", "voicemail"])
    for name in ("Answer", "Decline", "Send to voicemail", "Hold and answer"):
        expect(ringing.get_by_role("button", name=name, exact=True)).to_be_enabled()
    expect_for_everybody(phone)
    refusal = {"cause": "refused_here", "words": "There is no voicemail.", "remedy": ""}
    server.answers["voicemail"] = (409, refusal)
    button(phone, "Send to voicemail").click()
    expect(ringing).to_contain_text("There is no voicemail.")

    server.states[first] |= {"state": "held", "is_moved": True, "can": ["resume", "hang-up"]}
    answered = {"leg_sid": first, "state": "open", "is_moved": True, "can": ["hold"]}
    answered |= {"name": "Dave", "address": "+12025550170"}
    server.states[second] |= answered
    phone.keyboard.press("Alt+Shift+R")
    expect(ringing).to_be_hidden()
    server.push()
    expect(find_calls(phone)).to_have_count(2)
    carol, dave = find_calls(phone).filter(has_text="Carol"), find_calls(phone).filter(has_text="Dave")
    expect(carol).to_have_attribute("data-call-state", "held")
    expect(dave).to_have_attribute("data-call-state", "open")
    expect(carol.get_by_role("button", name="Mute")).to_be_hidden()
    expect_for_everybody(phone)
    fake_twilio.control("DELETE", f"calls/{second}")

    carol.get_by_role("button", name="Resume").click()
    server.tell(second, state="held", can=["resume"])
    server.tell(first, state="open", can=["hold"])
    expect(carol).to_have_attribute("data-call-state", "open")
    expect(dave).to_have_attribute("data-call-state", "held")

    # One that the server cannot end does not take the other with it.
    server.answers["hang-up"] = (502, {})
    dave.get_by_role("button", name="Hang up").click()
    expect(dave).to_contain_text("Hang up once more to leave both calls.")
    server.tell(second, state="ended", leg_sid="")
    expect(find_calls(phone)).to_have_count(1)
    expect(carol.get_by_role("button", name="Hang up")).to_be_focused()
    button(phone, "Hang up").click()
    expect(button(phone, "Call")).to_be_visible()
    assert [(sid, deed) for sid, deed, _ in server.asked] == [
        *((second, deed) for deed in ("voicemail", "answer")),
        *((first, "resume"), (second, "hang-up"), (first, "hang-up")),
    ]


def test_the_server_itself_holds_resumes_and_joins_a_second_call(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    page = open_ready_phone(open_browser, alice)
    dial(page, catalogue.ECHO_NUMBER)
    first, held = find_calls(page), find_calls(page).and_(page.locator('[data-call-state="held"]'))
    expect(button(page, "Hold")).to_be_enabled()
    assert wait_for_sound(page)["energy_in"] > 0.0005
    button(page, "Hold").click()
    expect(first).to_have_attribute("data-call-state", "held", timeout=15_000)
    wait_for_sound(page, energy=1e9, seconds=1)
    assert wait_for_sound(page, energy=1e9, seconds=1)["energy_in"] < 0.0001
    button(page, "Resume").click()
    expect(first).to_have_attribute("data-call-state", "open", timeout=15_000)
    assert wait_for_sound(page)["energy_in"] > 0.0005

    # Recorded, with a pause, for as long as one wants: each time the region says so.
    for name, then, told in (
        ("Record", "Pause recording", "Being recorded"),
        ("Pause recording", "Resume recording", "Recording paused"),
        ("Resume recording", "Stop recording", "Being recorded"),
    ):
        button(page, name).click()
        expect(button(page, then)).to_be_enabled(timeout=15_000)
        expect(first.get_by_text(told, exact=True)).to_be_visible()
    button(page, "Stop recording").click()
    expect(button(page, "Record")).to_be_focused(timeout=15_000)
    expect(first.get_by_text("Being recorded", exact=True)).to_be_hidden()

    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, sound="tone")
    button(page, "Hold and answer").click(timeout=15_000)
    expect(find_calls(page)).to_have_count(2, timeout=15_000)
    expect(held).to_have_count(1)
    expect(page.get_by_role("region", name="Incoming call")).to_be_hidden(timeout=15_000)
    assert wait_for_sound(page)["energy_in"] > 0.0005
    speaking = find_calls(page).and_(page.locator('[data-call-state="open"]'))
    speaking.get_by_role("button", name="Hang up").click()
    expect(find_calls(page)).to_have_count(1, timeout=15_000)
    button(page, "Resume").click()
    expect(find_calls(page)).to_have_attribute("data-call-state", "open", timeout=15_000)
    # That the line of the second has ended, which went on by way of the first's, was the end of nothing.
    expect(page.locator("#to-notice")).to_have_text("")
    button(page, "Hang up").click()
    expect(button(page, "Call")).to_be_visible(timeout=10_000)
