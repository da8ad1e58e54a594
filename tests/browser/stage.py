"""One phone page in one situation: what is put in its way, what it shows, and what is recorded of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import token_login
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import end_proof
from accounts.twilio.rest import fetch
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from tests.browser.pages import connect, expect_state, phone_status
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio

ACCOUNT = catalogue.account_sid(catalogue.DEMO)
# The page's own watchdog gives up after twelve seconds without a word.
WATCHDOG_MILLISECONDS = 12_500
# What the page has ever said in its life, in order: [verdict, state, whether it blamed]. Some of it stands
# for no longer than the page takes to try again.
REMEMBER_WORDS = """
window.wordsSeen = [];
document.addEventListener("DOMContentLoaded", () => {
  const [card, status] = ["verdict", "status"].map((part) => document.querySelector(`[data-part="${part}"]`));
  if (!card || !status) return;
  const look = () => {
    const isShown = card.role === "alert" && card.checkVisibility();
    const now = [isShown ? card.dataset.verdict ?? "" : "", status.dataset.state];
    now.push(card.classList.contains("is-blame"));
    if (String(window.wordsSeen.at(-1)) !== String(now)) window.wordsSeen.push(now);
  };
  for (const one of [card, status]) new MutationObserver(look).observe(one, { attributes: true });
});
"""


@dataclass
class Stage:
    """A person connected to the fake's demo account, and the page of their phone once it is open."""

    context: BrowserContext
    fake: FakeTwilio
    user: User
    site: str
    settings: Any
    stack: ExitStack = field(default_factory=ExitStack)
    credentials: TwilioCredentials = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.credentials = connect(
            self.user,
            api_key_sid=catalogue.key_sid("demo standard"),
            api_key_secret=catalogue.key_secret("demo standard"),
        )
        self.context.add_init_script(REMEMBER_WORDS)
        cookie = signed_in(self.user).cookies[self.settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.site}])
        self.page = self.context.new_page()

    def open(self) -> None:
        self.page.clock.install()
        self.page.goto("/")

    def become_ready(self) -> None:
        self.open()
        expect_state(self.page, "ready")

    # What goes wrong at Twilio

    def rotate_key(self) -> None:
        self.fake.control("POST", f"accounts/{ACCOUNT}/keys/{self.credentials.api_key_sid}")

    def delete_key(self) -> None:
        self.fake.control("DELETE", f"accounts/{ACCOUNT}/keys/{self.credentials.api_key_sid}")

    def change_app(self, **fields: str) -> None:
        """Changes the person's TwiML App at Twilio, or deletes it where nothing is said."""
        credentials = TwilioCredentials.objects.select_related("account").get(user=self.user)
        path = f"/Applications/{credentials.twiml_app_sid}.json"
        login = token_login(Candidate.of(credentials))
        assert fetch(login, path, method="POST" if fields else "DELETE", data=fields or None).is_success

    def change_account(self, **fields: Any) -> None:
        self.fake.change_account(ACCOUNT, **fields)

    def ail(self, fault: str) -> None:
        """Makes the gateway suffer `fault`; "" heals it."""
        self.fake.control("POST", "gateway", fault=fault)

    def drop_sockets(self) -> None:
        self.fake.control("POST", "gateway", drop_sockets=True)

    # What stands between the browser and Twilio

    def signal_to(self, address: str, *, is_allowed: bool = True) -> None:
        """The page is sent to `address` for its signalling; its policy allows that unless told otherwise."""
        self.settings.TWILIO_SIGNALLING = address
        self.allow(f"ws://{address}" if is_allowed else "'self'")

    def allow(self, *sources: str) -> None:
        directives = self.settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        self.settings.CONTENT_SECURITY_POLICY = {
            "DIRECTIVES": {**directives, "connect-src": ["'self'", *sources]}
        }

    def signal_to_nobody(self) -> None:
        """Connections are refused."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.signal_to(f"127.0.0.1:{port}")

    def signal_to_mute_port(self) -> None:
        """Sockets never open."""
        self.signal_to(self.stack.enter_context(run_mute_port()))

    def signal_to_wall(self, status_line: str) -> None:
        """Something answers that is no gateway."""
        self.signal_to(self.stack.enter_context(run_wall(status_line)))

    def cut_off_from_server(self) -> None:
        """Dog n Bone is out of the browser's reach; Twilio is not.

        The page itself comes all the same, as it does for somebody whose proof has run out: without a token.
        """
        end_proof(self.credentials)
        self.context.route(f"{self.site}/phone/token/", lambda route: route.abort())
        self.page.route_web_socket("**/ws/device/**", lambda route: route.close(code=1011))

    # What the page shows, and what is recorded

    def wait(self, milliseconds: int = WATCHDOG_MILLISECONDS) -> None:
        """Lets time pass on the page, at once."""
        self.page.clock.fast_forward(milliseconds)

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        for _ in range(150):
            if is_so():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never came to be: {what}")

    def wait_for_event(self, **fields: Any) -> None:
        self.wait_for_events(1, **fields)

    def wait_for_events(self, count: int, **fields: Any) -> None:
        events = DeviceEvent.objects.filter(user=self.user, **fields)
        self.wait_until(lambda: events.count() >= count, f"{count} events with {fields}")

    def list_failures(self) -> list[str]:
        """The verdicts recorded as what the Device showed, oldest first."""
        failures = LoginFailure.objects.filter(user=self.user, shown_by=LoginFailure.ShownBy.DEVICE)
        return list(failures.order_by("pk").values_list("verdict", flat=True))

    def list_checks(self) -> list[str]:
        """The verdicts recorded of the server's own check."""
        failures = LoginFailure.objects.filter(user=self.user, shown_by=LoginFailure.ShownBy.CHECK)
        return list(failures.order_by("pk").values_list("verdict", flat=True))

    def expect_failures(self, expected: list[str]) -> None:
        """Waits until exactly these are recorded of the Device."""
        try:
            self.wait_until(lambda: self.list_failures() == expected, "")
        except AssertionError:
            events = DeviceEvent.objects.filter(user=self.user).order_by("pk")
            told = [(one.state, one.sdk_event, one.code, one.message) for one in events]
            raise AssertionError(f"recorded: {self.list_failures()}, not {expected}, of {told}") from None

    def find_verdict(self, slug: str) -> tuple[str, bool]:
        """Waits until the card has said `slug`, "" for no card; and whether the page has ever blamed."""
        if slug:
            try:
                self.wait_until(lambda: slug in [seen for seen, _ in self.verdicts_seen()], "")
            except AssertionError:
                raise AssertionError(f"the page never said {slug}: {self.words_seen()}") from None
        else:
            expect(self.page.locator('[data-part="verdict"]:not([hidden])')).to_have_count(0)
        return slug, any(blamed for _, blamed in self.verdicts_seen())

    def expect_state(self, state: str, verdict: str) -> None:
        """Waits until the page has been in `state` while it said `verdict`, or is in it."""

        def is_so() -> bool:
            found = [(said, there) for said, there, _ in self.words_seen()]
            return (verdict, state) in found or phone_status(self.page).get_attribute("data-state") == state

        try:
            self.wait_until(is_so, "")
        except AssertionError:
            raise AssertionError(f"the page was not {state} with {verdict}: {self.words_seen()}") from None

    def words_seen(self) -> list[tuple[str, str, bool]]:
        return [tuple(seen) for seen in self.page.evaluate("window.wordsSeen")]

    def verdicts_seen(self) -> list[tuple[str, bool]]:
        """Those that the page has said, each once for as long as it stood."""
        verdicts: list[tuple[str, bool]] = []
        for verdict, _, blamed in self.words_seen():
            if verdict and (not verdicts or verdicts[-1][0] != verdict):
                verdicts.append((verdict, blamed))
        return verdicts


@contextmanager
def run_mute_port() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def run_wall(status_line: str) -> Iterator[str]:
    """An address that answers whatever comes with `status_line` and a page, as a proxy does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        thread = threading.Thread(target=answer_all, args=(listener, status_line))
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer_all(listener: socket.socket, status_line: str) -> None:
    body = "<html>Access denied</html>"
    answer = f"HTTP/1.1 {status_line}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(answer.encode())
