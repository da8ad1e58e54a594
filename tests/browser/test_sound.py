"""What one talks, hears and is rung with: chosen, remembered, followed when it goes, and heard both ways."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import expect_for_everybody, find_faults
from tests.browser.pages import button, connect, dial, expect_state, expect_verdict
from tests.browser.plugged import list_devices, plug_before_loading, replug
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio

DEADLINE_SECONDS = 15
BOTH = list_devices("Laptop", "Headset", "Webcam")
# What is said on the handset, each time anew.
REMEMBER_NOTES = """
window.notesSaid = [];
document.addEventListener("DOMContentLoaded", () => {
  const note = document.querySelector('[data-part="sound-note"]');
  if (note) new MutationObserver(() => note.textContent && notesSaid.push(note.textContent))
    .observe(note, { childList: true, characterData: true, subtree: true });
});
"""


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def wait_until(page: Page, script: str, expected: object) -> None:
    """Until `script` gives what is expected."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (found := page.evaluate(script)) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    if found == expected:
        return
    raise AssertionError(f"{script}: {found}, not {expected}")


def expect_sound(page: Page) -> None:
    gained = wait_for_sound(page)
    assert gained["packets_out"] > 25 and gained["energy_in"] > 0.0005, gained


def open_settings(page: Page) -> Locator:
    page.get_by_role("navigation", name="Beside the phone").get_by_role("link", name="Settings").click()
    section = page.get_by_role("region", name="Devices and sound")
    expect(section).to_be_visible()
    return section


def test_a_headset_that_is_pulled_out_in_a_call_and_put_back_is_followed_and_said_once(
    open_browser: OpenBrowser, alice: User
) -> None:
    connect(alice)
    page = open_browser()
    remember_peer_connections(page)
    plug_before_loading(page, BOTH)
    page.add_init_script(REMEMBER_NOTES)
    sign_in(page, alice.email)
    open_settings(page)
    for name in ("Microphone", "Speaker"):
        choice(page, name).select_option("Headset")
    expect_state(page, "ready")

    # At once, while the SDK is still told what was chosen.
    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Mute")).to_be_visible()
    expect_sound(page)
    wait_until(page, "hears()", ["Headset"])
    wait_until(page, "heardOn()", ["audiooutput-Headset"])

    replug(page, list_devices("Laptop", "Webcam"))
    expect(page.get_by_text("“Headset” is gone. The call goes on with “Laptop”.")).to_be_visible()
    wait_until(page, "heardOn()", ["default"])
    expect_sound(page)
    expect_for_everybody(page)

    replug(page, BOTH)
    expect(page.get_by_text("“Headset” is back, and the call goes on there.")).to_be_visible()
    wait_until(page, "hears()", ["Headset"])
    wait_until(page, "heardOn()", ["audiooutput-Headset"])
    expect_sound(page)
    assert page.evaluate("notesSaid") == [
        "“Headset” is gone. The call goes on with “Laptop”.",
        "“Headset” is back, and the call goes on there.",
    ]

    # Another is chosen beside the call, which stays muted; the meter reads the call's own.
    button(page, "Mute").click()
    section = open_settings(page)
    expect(section.get_by_text("You are muted in your call")).to_be_visible()
    choice(page, "Microphone").select_option("Webcam")
    wait_until(page, "hears()", ["Webcam"])
    expect(button(page, "Mute")).to_have_attribute("aria-pressed", "true")
    button(page, "Mute").click()
    expect(section.get_by_text("This is what the other side of your call hears.")).to_be_visible()
    expect_sound(page)

    replug(page, [one for one in BOTH if one["kind"] == "audiooutput"])
    expect(page.get_by_text("No microphone is left: nobody hears you.")).to_be_visible()
    replug(page, list_devices("Laptop"))
    expect(page.get_by_text("You are heard again, by “Laptop”.")).to_be_visible()
    expect_sound(page)

    page.get_by_role("link", name="Voicemail").click()
    button(page, "Hang up").click()
    expect(button(page, "Call")).to_be_visible()
    wait_until(page, "hears()", [])
    expect(page.locator('[data-part="sound-note"]')).to_be_empty()
    told = DeviceEvent.objects.filter(user=alice, sdk_event="audio.deviceChange").order_by("pk")
    kinds = [message.split(":")[0] for message in told.values_list("message", flat=True)]
    assert kinds == ["lost", "back", "chosen", "nobody is heard", "heard again"]
    assert set(told.values_list("state", flat=True)) == {"ready"}


def test_what_is_chosen_is_tried_remembered_by_more_than_its_id_and_rings_where_it_shall(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser()
    plug_before_loading(page, BOTH)
    # What storage holds may be anything.
    page.add_init_script(
        "localStorage.getItem('dognbone.devices') ?? localStorage.setItem('dognbone.devices', '{')"
    )
    sign_in(page, alice.email)
    section = open_settings(page)
    assert choice(page, "Microphone").locator("option").all_inner_texts() == [
        "System default (Laptop)",
        "Laptop",
        "Headset",
        "Webcam",
    ]
    meter = section.get_by_role("meter", name="Microphone level")
    wait_until(page, "Number(document.querySelector('[role=meter]').ariaValueNow) > 10", True)
    expect(meter).to_have_attribute("aria-valuetext", re.compile("quiet|good|too loud"))
    expect(section.get_by_text("This microphone hears you.")).to_be_visible()

    choice(page, "Microphone").select_option("Webcam")
    wait_until(page, "hears()", ["Webcam"])
    choice(page, "Speaker").select_option("Headset")
    button(page, "Play a test sound").click()
    expect(section.get_by_text("Played on “Headset”.")).to_be_visible()
    assert page.evaluate("sinks.at(-1)[1]") == "audiooutput-Headset"
    choice(page, "Ring on").select_option("Laptop")
    button(page, "Ring once").click()
    expect(section.get_by_text("Played on “Laptop”.")).to_be_visible()
    assert not find_faults(page)

    # Nobody looks: no light of a microphone stays on.
    hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true })"
    page.evaluate(hide % "true" + "; document.dispatchEvent(new Event('visibilitychange'))")
    wait_until(page, "hears()", [])
    expect(meter).to_have_attribute("aria-valuenow", "0")
    page.evaluate(hide % "false" + "; document.dispatchEvent(new Event('visibilitychange'))")
    wait_until(page, "hears()", ["Webcam"])

    # The browser calls them otherwise, as after its data was cleared, and one of them is not there.
    other = list_devices("Laptop", "Headset", prefix="other-")
    page.evaluate("(list) => sessionStorage.setItem('plugged', JSON.stringify(list))", other)
    page.reload()
    expect(choice(page, "Speaker")).to_have_value("other-audiooutput-Headset")
    expect(choice(page, "Ring on")).to_have_value("other-audiooutput-Laptop")
    away = choice(page, "Microphone")
    expect(away.locator("option:checked")).to_have_text("Webcam (not there)")
    expect(section.get_by_text("Until it is back, “Laptop” is used.")).to_be_visible()
    replug(page, list_devices("Laptop", "Headset", "Webcam", prefix="other-"))
    expect(away).to_have_value("other-audioinput-Webcam")
    wait_until(page, "hears()", ["Webcam"])

    expect_state(page, "ready")
    page.evaluate("sinks.length = 0")
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(page, "Answer")).to_be_visible()
    ringing = "sinks.filter(([, id]) => id === 'other-audiooutput-Laptop').length > 0"
    wait_until(page, ringing, True)
    button(page, "Answer").click()
    expect(button(page, "Hang up")).to_be_visible()
    wait_until(page, "heardOn()", ["other-audiooutput-Headset"])
    button(page, "Hang up").click()


def test_why_there_is_no_microphone_is_said_in_the_settings_and_on_the_handset_in_the_same_words(
    open_browser: OpenBrowser, alice: User
) -> None:
    connect(alice)
    page = open_browser()
    plug_before_loading(page, BOTH)
    page.add_init_script("""
      permission = "prompt";
      answer = () => {
        if (permission !== "granted") throw new DOMException(globalThis.why, "NotAllowedError");
      };
    """)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    section = open_settings(page)
    allow = button(page, "Allow the microphone")
    expect(allow).to_be_visible()
    expect(choice(page, "Microphone")).to_be_disabled()
    assert page.evaluate("opened.length") == 0

    why = section.locator('[data-cause="microphone_denied"]')
    notice = page.locator('[data-part="ending"]')
    for seen, permission, words in (
        ("Permission dismissed", "prompt", "choose Allow when the browser asks"),
        ("Permission denied by system", "denied", "Privacy and Microphone"),
        ("Permission denied", "denied", "Click the icon left of the address, switch on Microphone"),
    ):
        page.evaluate("([seen, is]) => { why = seen; permission = is; }", [seen, permission])
        section.get_by_role("button", name=re.compile("^(Allow the microphone|Try again)$")).click()
        expect(why).to_contain_text(words)
        dial(page, catalogue.ECHO_NUMBER)
        expect(notice).to_have_attribute("data-cause", "microphone_denied")
        expect(notice).to_contain_text(words)
        expect(expect_verdict(page, "microphone_denied")).to_contain_text(words)
    assert not find_faults(page)

    page.evaluate("permission = 'granted'")
    button(page, "Try again").click()
    expect(why).to_be_hidden()
    expect(choice(page, "Microphone")).to_be_enabled()
    expect(choice(page, "Microphone")).to_be_focused()
    wait_until(page, "hears()", ["Default - Laptop"])

    # None, then one that another program holds, and the other that can be had in its place.
    replug(page, [one for one in BOTH if one["kind"] == "audiooutput"])
    expect(section.locator('[data-cause="microphone_missing"]')).to_contain_text("No microphone was found")
    replug(page, BOTH)
    wait_until(page, "hears()", ["Default - Laptop"])
    expect(section.locator("[data-cause]")).to_have_count(0)
