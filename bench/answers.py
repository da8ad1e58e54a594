"""How soon the two addresses answer that somebody waits for, beside a view that does nothing.

Twilio waits fifteen seconds for a webhook, and the caller hears silence meanwhile; 100 ms is the
limit that Dog n Bone sets itself.
"""

from django.conf import settings
from django.urls import reverse
from twilio.request_validator import RequestValidator

from accounts.twilio.credentials import TwilioCredentials
from bench.stage import Browser, Stage
from bench.timing import build_figure, ratio, tell, time_together
from demo.people import ALICE, PASSWORD
from fake_twilio.catalogue import ECHO_NUMBER
from fake_twilio.store import make_sid

LIMIT = 100.0
ROUNDS = 200


def run(stage: Stage) -> None:
    page, twilio = Browser(stage.port), Browser(stage.port)
    page.sign_in(ALICE.email, PASSWORD)
    credentials = TwilioCredentials.objects.select_related("account", "user").get(user__email=ALICE.email)
    path = reverse("voice_webhook", args=[credentials.account.webhook_key])
    params = {
        "AccountSid": credentials.account.account_sid,
        "CallSid": make_sid("CA", "bench"),
        "From": f"client:{credentials.user.identity}",
        "Caller": f"client:{credentials.user.identity}",
        "To": ECHO_NUMBER,
        "Direction": "inbound",
        "ApplicationSid": credentials.twiml_app_sid,
    }
    signer = RequestValidator(credentials.auth_token.reveal())
    signature = signer.compute_signature(settings.PUBLIC_URL + path, params)
    bare, token, webhook = time_together(
        lambda: twilio.get("/healthz"),
        lambda: page.post(reverse("token"), {}, {200}),
        lambda: twilio.post(path, params, {200}, **{"X-Twilio-Signature": signature}),
        rounds=ROUNDS,
    )
    print(f"\nAnswers, one at a time, {ROUNDS} of each in turn, one process, SQLite")
    tell("a bare view, through the same middleware", build_figure(bare))
    for name, timing in (
        ("POST /phone/token/, credentials proven", token),
        ("voice webhook, signed", webhook),
    ):
        tell(
            name,
            build_figure(timing),
            ratio(timing.median, bare.median, "the bare view"),
            ratio(timing.p95, LIMIT, f"the limit of {LIMIT:.0f} ms"),
        )
