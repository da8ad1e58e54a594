"""The server's part in a call, played by the test: its word of the call, its answers to what a page asks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.db import connection
from playwright.sync_api import Page, Route

from accounts.people import User
from accounts.push import send_to_group, user_group
from phone.calls.call import Call


def build_party(name: str, *, state: str = "talking", role: str = "called", **more: Any) -> dict[str, Any]:
    usual = {"id": f"leg-{name}", "name": name, "address": "", "is_me": False, "cause": "", "words": ""}
    return {**usual, "state": state, "role": role, **more}


@dataclass
class PlayedServer:
    """One person's server: `states` are their calls, as their page is told of them."""

    page: Page
    user: User
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.route("**/phone/calls/*/*/", self.answer)

    def answer(self, route: Route) -> None:
        """As told to by `answers`, by the deed; with the call as it is where nothing was told."""
        *_, call_sid, deed, _ = route.request.url.split("/")
        if deed == "ending":
            route.continue_()
            return
        fields = {name: values[0] for name, values in parse_qs(route.request.post_data or "").items()}
        self.asked.append((call_sid, deed, fields))
        status, body = self.answers.pop(deed, (200, {"call": self.states.get(call_sid)}))
        route.fulfill(status=status, json=body)

    def get_latest_sid(self) -> str:
        return str(Call.objects.order_by("-started_at").values_list("call_sid", flat=True)[0])

    def tell(self, call_sid: str, **fields: Any) -> None:
        """Tells the page of a call what is new of it."""
        usual: dict[str, Any] = {
            **{"id": call_sid, "call_sid": call_sid, "leg_sid": call_sid, "direction": "outgoing"},
            **{"name": "", "address": "", "called": "", "called_name": "", "state": "open"},
            **{"answered_at": None, "parties": [], "recording": "off", "is_moved": False},
            **{"can": [], "cannot": {}, "cause": "", "words": "", "note": ""},
        }
        self.states[call_sid] = {**usual, **self.states.get(call_sid, {}), **fields}
        self.push()

    def push(self) -> None:
        frame = {"type": "calls", "calls": list(self.states.values())}

        def work() -> None:
            try:
                send_to_group(user_group(self.user.pk), frame)
            finally:
                connection.close()

        # In a thread of its own: Playwright keeps a loop running in this one.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(work).result()
