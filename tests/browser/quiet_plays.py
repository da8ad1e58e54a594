"""What happens to a phone page that is no failed login: nothing at all, or a matter of sound alone."""

from datetime import timedelta

from django.db import models
from playwright.sync_api import expect

from accounts.people import User
from fake_twilio import catalogue
from phone.device.presence import DevicePresence
from phone.device.silences import note_silences
from tests.browser.pages import button, dial, expect_state
from tests.browser.plays import Act, Play, ail, change, refuse_rest, steps
from tests.browser.stage import Stage
from tests.situations import NOTHING

# What the browser throws when it gives no microphone, by the name of the DOMException.
REFUSE_MICROPHONE = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no microphone", "{name}"));
"""
REMOVE_WEBRTC = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) delete window[name];
"""
# What a firewall that drops UDP leaves: at every address that the other end names is nobody.
DROP_MEDIA = r"""
const Native = window.RTCPeerConnection;
const nobody = (line, start) => `${start}192.0.2.1`;
window.RTCPeerConnection = class extends Native {
  setRemoteDescription({ type, sdp }) {
    return super.setRemoteDescription({ type, sdp: sdp.replace(/^(a=candidate:(?:\S+ ){4})\S+/gm, nobody) });
  }
};
"""
# What a rule against leaking addresses leaves: a relay or nothing, and there is no relay.
FORBID_MEDIA = """
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(options) {
    super({ ...options, iceTransportPolicy: "relay", iceServers: [] });
  }
};
"""


def with_script(script: str) -> Act:
    return lambda stage: stage.context.add_init_script(script)


def call_echo(stage: Stage) -> None:
    dial(stage.page, catalogue.ECHO_NUMBER)


def forbid_microphone(stage: Stage) -> None:
    """The site's own Permissions-Policy has none for the page."""
    stage.settings.PERMISSIONS_POLICY = {**stage.settings.PERMISSIONS_POLICY, "microphone": []}


def wait_for_sound(stage: Stage) -> None:
    """The SDK looks at the sound once a second, and complains of silence after five."""
    expect(button(stage.page, "Mute")).to_be_visible()
    for _ in range(8):
        # Each sample is asked of the browser, which takes a moment of its own.
        stage.page.wait_for_timeout(100)
        stage.wait(1_000)


def wait_for_media_reconnection(stage: Stage) -> None:
    """The SDK tries for half a minute to find a way for the sound."""
    expect(button(stage.page, "Mute")).to_be_visible()
    for _ in range(8):
        stage.page.wait_for_timeout(100)
        stage.wait(5_000)


def silenced(name: str) -> Play:
    verdict = "microphone_denied" if name in ("NotAllowedError", "SecurityError") else "microphone_missing"
    script = with_script(REFUSE_MICROPHONE.replace("{name}", name))
    return Play(verdict, steps(script, Stage.become_ready, call_echo), state="ready")


SOUND = {
    f"microphone fails with {name}": silenced(name)
    for name in ("NotAllowedError", "SecurityError", "NotFoundError", "NotReadableError")
} | {
    "microphone forbidden by the site": Play(
        "microphone_denied", steps(forbid_microphone, Stage.become_ready, call_echo), state="ready"
    ),
    "sound dropped by a firewall": Play(
        "media_blocked",
        steps(with_script(DROP_MEDIA), Stage.become_ready, call_echo, wait_for_sound),
        state="ready",
    ),
    "sound forbidden by a rule": Play(
        "media_blocked",
        steps(with_script(FORBID_MEDIA), Stage.become_ready, call_echo, wait_for_media_reconnection),
        state="ready",
    ),
    "WebRTC removed by an extension": Play(
        "media_blocked", steps(with_script(REMOVE_WEBRTC), Stage.open), state="ready"
    ),
}


def come_back(stage: Stage) -> None:
    """The phone is lost, and ready again by itself."""
    stage.wait_for_event(state="offline")
    stage.wait(2_000)
    stage.wait_for_events(2, state="ready")


def lose_heartbeat(stage: Stage) -> None:
    """The SDK gives up a socket that is silent for fifteen seconds."""
    stage.wait(15_500)


def go_away_and_back(stage: Stage) -> None:
    stage.page.goto("/accounts/name/")
    stage.page.go_back()
    stage.wait_for_events(2, state="ready")


def reload(stage: Stage) -> None:
    stage.page.reload()
    stage.wait_for_events(2, state="ready")


def open_another_tab(stage: Stage) -> None:
    tab = stage.context.new_page()
    tab.goto("/")
    expect_state(tab, "ready")
    stage.wait_for_event(state="offline", sdk_event="other-tab")
    tab.close()


def call(number: str, *then: Act) -> Act:
    def act(stage: Stage) -> None:
        dial(stage.page, number)
        steps(*then)(stage)
        expect(button(stage.page, "Call")).to_be_visible(timeout=15_000)

    return act


def hang_up(stage: Stage) -> None:
    button(stage.page, "Hang up").click()


def let_caller_give_up(stage: Stage) -> None:
    incoming = stage.fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(stage.page, "Answer")).to_be_visible()
    stage.fake.control("DELETE", f"calls/{incoming['call_sid']}")
    expect(button(stage.page, "Answer")).to_be_hidden()


def let_caller_hang_up(stage: Stage) -> None:
    incoming = stage.fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(stage.page, "Answer").click()
    expect(button(stage.page, "Hang up")).to_be_visible()
    stage.fake.control("DELETE", f"calls/{incoming['call_sid']}")
    expect(button(stage.page, "Call")).to_be_visible(timeout=15_000)


def decline(stage: Stage) -> None:
    stage.fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(stage.page, "Decline").click()
    expect(button(stage.page, "Decline")).to_be_hidden()


def sleep(stage: Stage) -> None:
    """The machine sleeps for a while, and its page wakes: nobody has heard of it meanwhile."""
    pages = DevicePresence.objects.filter(user=stage.user, state="ready")
    people = User.objects.filter(pk=stage.user.pk)

    def is_found_silent() -> bool:
        # The last word from before the sleep may still be on its way, and then puts the clock right again.
        pages.update(last_alive_at=models.F("last_alive_at") - timedelta(minutes=3))
        # The server was awake all the while, and its own clock has found the page silent by now.
        return note_silences(people) > 0

    stage.wait_until(is_found_silent, "found silent by the server")
    stage.wait(180_000)


def recover_from_20101(stage: Stage) -> None:
    stage.ail("gateway invalid")
    stage.drop_sockets()
    stage.wait_for_event(code=20101)
    stage.ail("")
    stage.wait_until(lambda: ("transient", False) in stage.verdicts_seen(), "transient")
    stage.wait(2_000)
    stage.wait_for_events(2, state="ready")


PASSING = {
    "one 20101 that goes by itself": Play(
        "transient",
        steps(Stage.become_ready, recover_from_20101),
        state="ready",
        checked=[],
        is_over=True,
    ),
    "asleep while ready": Play("device_silent", steps(Stage.become_ready, sleep), state="ready", checked=[]),
}


def quiet(*acts: Act) -> Play:
    return Play(NOTHING, steps(Stage.become_ready, *acts), state="ready", checked=[])


QUIET = {
    "Dog n Bone out of reach while ready": quiet(Stage.cut_off_from_server, Stage.drop_sockets),
    "Dog n Bone out of reach at the start": Play(
        NOTHING, steps(Stage.cut_off_from_server, Stage.open), state="offline", checked=[]
    ),
    "nothing happens": quiet(),
    "Auth Token rotated, key still good": quiet(change(auth_token="new"), reload),
    "socket lost for a moment": quiet(Stage.drop_sockets, come_back),
    "socket lost for a moment, Twilio's REST ill": quiet(
        refuse_rest("unavailable"), Stage.drop_sockets, come_back
    ),
    "gateway without heartbeats": quiet(ail("gateway no heartbeat"), lose_heartbeat, come_back),
    "away and back": quiet(go_away_and_back),
    "reloaded": quiet(reload),
    "another tab closed": quiet(open_another_tab),
    "line is busy": quiet(call(catalogue.BUSY_NUMBER)),
    "caller hangs up at once": quiet(call(catalogue.ECHO_NUMBER, hang_up)),
    "caller gives up": quiet(let_caller_give_up),
    "the other end hangs up": quiet(let_caller_hang_up),
    "declined here": quiet(decline),
}
