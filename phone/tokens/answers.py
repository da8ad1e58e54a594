"""Proves a person's credentials, mints a token, and says so: the answer of the view and of the socket."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import ClientInfo
from accounts.company.departures import Departure
from accounts.company.remedies import word_for
from accounts.metrics import TOKENS, timed
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.twilio.credentials import TwilioCredentials, get_connection
from accounts.twilio.proof import verify_connection
from accounts.verdicts.texts import VerdictText
from accounts.verdicts.verdict import Verdict, build_own_limit_verdict
from phone.tokens.access_tokens import NothingToSignWith, Token, build_token
from phone.tokens.device_options import build_device_options
from phone.tokens.issued_tokens import IssuedToken

# A token costs little while a proof is fresh, and each page of each device fetches one whenever it is loaded.
TOKENS_PER_PERSON = RateLimit("token", limit=600, seconds=300)
# Without a fresh proof each asks Twilio, some four times.
PROOFS_PER_PERSON = RateLimit("proof", limit=30, seconds=300)

SIGNED_OUT = Verdict(
    "signed_out",
    VerdictText(
        _("You are signed out"),
        _("Your session with Dog n Bone has ended."),
        _("Sign in again."),
    ),
)
NOT_CONNECTED = Verdict(
    "not_connected",
    VerdictText(
        _("No Twilio account is connected"),
        _("A phone needs a Twilio account to call through."),
        _("Connect your Twilio account."),
    ),
)
# "unclear", because nobody whom a verdict can name is at fault.
DATABASE_AWAY = Verdict(
    "unclear",
    VerdictText(
        _("Dog n Bone will be back in a moment"),
        _("Our own database does not answer. Neither your credentials nor Twilio are at fault."),
        _("Nothing is left to do: the phone tries again by itself."),
    ),
)
TOO_MANY_TOKENS = build_own_limit_verdict(limit=_("600 starts of the phone"), period=_("5 minutes"))
TOO_MANY_PROOFS = build_own_limit_verdict(limit=_("30 checks of the credentials"), period=_("5 minutes"))


@dataclass(frozen=True)
class TokenAnswer:
    """An HTTP status and a JSON body; the body of a 200 holds a token and hides in the repr."""

    status: int
    body: dict[str, Any] = field(repr=False)
    retry_after: int | None = None


def refuse(status: int, verdict: Verdict, *, retry_after: int | None = None) -> TokenAnswer:
    return TokenAnswer(status, {"verdict": verdict.as_json()}, retry_after)


def keep_refusal(user: User, client: ClientInfo, limit: RateLimit) -> None:
    record_refusal(Refusal.What.TOKEN, user=user, client=client, about=limit.name)


def build_not_connected(user: User) -> Verdict:
    """With what became of the phone, where somebody else has ended it."""
    departure = Departure.objects.filter(user=user).first()
    if departure is None:
        return NOT_CONNECTED
    text = VerdictText(
        _("Your phone here has ended"), "{departure}", _("Ask them, or connect a Twilio account of your own.")
    )
    return Verdict("not_connected", text, {"departure": departure.words})


def issue_token(*, user: User, client: ClientInfo, page_session: uuid.UUID | None) -> TokenAnswer:
    """200 with a token, or 409, 422, 429, 503 with the verdict. May ask Twilio and take seconds."""
    with timed(TOKENS, "status", handed="asked") as timing:
        answer = find_token(user, client, page_session)
        timing.label = str(answer.status)
    return answer


def find_token(user: User, client: ClientInfo, page_session: uuid.UUID | None) -> TokenAnswer:
    wait = TOKENS_PER_PERSON.take(user.identity)
    if wait:
        keep_refusal(user, client, TOKENS_PER_PERSON)
        return refuse(429, TOO_MANY_TOKENS, retry_after=wait)
    credentials = get_connection(user)
    if credentials is None:
        return refuse(409, build_not_connected(user))
    wait = 0 if credentials.is_proven else PROOFS_PER_PERSON.take(user.identity)
    if wait:
        keep_refusal(user, client, PROOFS_PER_PERSON)
        return refuse(429, TOO_MANY_PROOFS, retry_after=wait)
    verdict = verify_connection(credentials, client=client, page_session=page_session)
    if not verdict.is_ok:
        return refuse(422 if verdict.is_judged else 503, word_for(verdict, credentials))
    try:
        token = build_token(credentials)
    except NothingToSignWith:
        return refuse(409, NOT_CONNECTED)
    record_token(token, credentials, page_session)
    return TokenAnswer(200, build_body(token, credentials))


def issue_first_token(credentials: TwilioCredentials, page_session: uuid.UUID) -> dict[str, Any] | None:
    """The body of a 200, handed over with a page, so that its Device need not wait for another request.

    None where the credentials would have to be proven first, or nothing could be signed, or there were
    too many: then the page asks, and is told why. Asks nobody.
    """
    begun = time.perf_counter()
    if not credentials.is_proven or TOKENS_PER_PERSON.take(credentials.person.identity):
        return None
    try:
        token = build_token(credentials)
    except NothingToSignWith:
        return None
    record_token(token, credentials, page_session)
    TOKENS.labels(status="200", handed="with_page").observe(time.perf_counter() - begun)
    return build_body(token, credentials)


def record_token(token: Token, credentials: TwilioCredentials, page_session: uuid.UUID | None) -> None:
    build_row(token, credentials, page_session).save()


def build_row(token: Token, credentials: TwilioCredentials, page_session: uuid.UUID | None) -> IssuedToken:
    """That the token was issued, to be saved before it is handed over."""
    return IssuedToken(
        user=credentials.person,
        identity=token.identity,
        email=credentials.person.email,
        account_sid=credentials.account.account_sid,
        kind=token.kind,
        jti=token.jti,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        page_session=page_session,
    )


def build_body(token: Token, credentials: TwilioCredentials) -> dict[str, Any]:
    return {
        "token": token.jwt,
        "token_kind": str(token.kind),
        "identity": token.identity,
        "expires_at": token.expires_at.isoformat(),
        "device": build_device_options(credentials.region),
    }
