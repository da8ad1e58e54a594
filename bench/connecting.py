"""From pressing Connect to the verdict, for a plain wrong Auth Token.

What may be saved is only ours: the round trip to Twilio is injected by the fake, and measured in the
same run by asking the fake the same question without Dog n Bone in between. The peer is the front
end's way (`front_end_way.py`) over the same fake, with the same round trip on its signalling.
"""

import base64
import json

from bench.front_end_way import FrontEnd, open_front_end
from bench.stage import BenchFailed, Browser, Stage
from bench.timing import Timing, build_figure, ratio, tell, time_together
from demo.people import ADMIN, PASSWORD
from fake_twilio import catalogue
from fake_twilio.store import make_secret

ROUND_TRIPS = (20, 80, 200)
LIMIT = 25.0
ROUNDS = 30
VERDICT = 'data-verdict="wrong_auth_token"'
WRONG = make_secret("a wrong secret")


def run(stage: Stage) -> None:
    page = Browser(stage.port)
    page.sign_in(ADMIN.email, PASSWORD)  # who has connected nothing yet
    page.get("/accounts/twilio/")
    print(f"\nFrom Connect to the verdict on a wrong Auth Token, {ROUNDS} times each")
    control = Browser(stage.fake_port)
    with open_front_end(stage) as front_end:
        for milliseconds in ROUND_TRIPS:
            time_round_trip(milliseconds, control, page, front_end)


def time_round_trip(milliseconds: int, control: Browser, page: Browser, front_end: FrontEnd) -> None:
    fault = inject(control, milliseconds)
    # While the front end's way is timed, the server lets go of connections that say nothing.
    page.connection.close()
    control.connection.close()
    direct, ours = time_together(lambda: ask_twilio(control), lambda: connect(page), rounds=ROUNDS)
    peer = Timing([front_end.wait_for_offline() for _ in range(ROUNDS)])
    control.request("DELETE", f"/_fake/faults/{fault}", "", {}, {200, 204})
    change_gateway(control, 0)
    added = ours.median - direct.median
    tell(
        f"round trip of {milliseconds} ms",
        build_figure(ours),
        f"{added:5.1f} ms beyond Twilio's answer",
        ratio(added, LIMIT, f"the limit of {LIMIT:.0f} ms"),
        ratio(ours.median, peer.median, f"the front end's way ({peer.median:.0f} ms)"),
    )


def inject(control: Browser, milliseconds: int) -> str:
    """Makes each REST answer of the demo account wait, and its signalling; the REST fault's id."""
    change_gateway(control, milliseconds / 1000)
    body = {"fault": "slow", "seconds": milliseconds / 1000, "account_sid": demo_sid()}
    answer = control.request("POST", "/_fake/faults", json.dumps(body), {}, {200, 201})
    return str(json.loads(answer)["id"])


def change_gateway(control: Browser, round_trip: float) -> None:
    control.request("POST", "/_fake/gateway", json.dumps({"round_trip": round_trip}), {}, {200})


def demo_sid() -> str:
    return catalogue.account_sid(catalogue.DEMO)


def ask_twilio(client: Browser) -> None:
    """The one question that a wrong Auth Token takes, as a bare client asks it."""
    login = base64.b64encode(f"{demo_sid()}:{WRONG}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "X-Twilio-Host": "api.twilio.com"}
    client.request("GET", f"/2010-04-01/Accounts/{demo_sid()}.json", "", headers, {401})


def connect(page: Browser) -> None:
    fields = {
        "account_sid": demo_sid(),
        "auth_token": WRONG,
        "api_key_sid": "",
        "api_key_secret": "",
        "twiml_app_sid": "",
        "region": "us1",
    }
    if VERDICT not in page.post("/accounts/twilio/", fields, {200, 422}):
        raise BenchFailed("the connect page did not show the verdict on a wrong Auth Token")
