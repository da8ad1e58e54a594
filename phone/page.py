"""What the phone page is made of, whichever pane lies beside the phone."""

import json
import time
import uuid
from functools import cache
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.translation import get_language

from accounts.company.memberships import Membership
from accounts.masking import get_sid_tail
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.trial import build_limits
from accounts.verdicts.device_codes import list_page_codes
from accounts.verdicts.offline import build_offline_verdict
from accounts.verdicts.texts import ALLOW_MICROPHONE
from accounts.verdicts.verdict import build_browser_verdicts
from phone.calls.destinations import list_may_be_shown
from phone.calls.do_not_disturb import is_do_not_disturb
from phone.causes.cause import build_page_causes
from phone.colleagues.seeing import Seen, see_colleagues
from phone.colleagues.states import WORDS
from phone.device.one_device import wants_one_device
from phone.dialling.emergency import build_emergency_patterns
from phone.dialling.plans import get_country_of_e164
from phone.recents.recent_call import NOTE_LENGTH
from phone.tokens.answers import issue_first_token
from phone.tokens.device_options import build_sounds
from phone.waking.vapid import get_public_key

SOCKET_PATH = "/ws/device/"


def build_page(
    user: User,
    credentials: TwilioCredentials,
    rights: Membership | None,
    *,
    colleagues: list[Seen] | None = None,
) -> dict[str, Any]:
    """The context of `phone/phone.html`, without the pane; `page` is handed to the page's own script.

    `rights`: the person's.
    `colleagues`: where the pane has looked at them already.
    """
    if colleagues is None:
        colleagues = see_colleagues(user, credentials.account)
    caller_ids = list_caller_ids(credentials.account, rights)
    page_session = uuid.uuid4()
    page = {
        "page_session": str(page_session),
        "first_token": build_first_token(credentials, page_session),
        "token_url": reverse("token"),
        "socket_path": SOCKET_PATH,
        "whom_url": reverse("whom"),
        "suggestions_url": reverse("suggestions"),
        "deed_url": reverse("call_deed", args=["CALL_SID", "DEED"]),
        "ending_url": reverse("call_ending", args=["CALL_SID"]),
        "do_not_disturb_url": reverse("do_not_disturb"),
        "here_url": reverse("use_here"),
        "wants_one_device": wants_one_device(user),
        "push": build_push(),
        "connection_test_url": reverse("connection_test"),
        "is_do_not_disturb": is_do_not_disturb(user),
        "identity": user.identity,
        "email": user.email,
        "display_name": user.display_name,
        **build_words(get_language() or ""),
        "caller_ids": caller_ids,
        # Whom one can call by name, and how they are just now; what changes is told on the socket.
        "colleagues": [{"name": one.name, **one.as_json()} for one in colleagues],
        "sounds": build_sounds(),
        "signalling": settings.TWILIO_SIGNALLING,
        "support": build_support_facts(credentials),
        "dialling": build_dialling(user, caller_ids),
    }
    return {
        "page": page,
        "caller_ids": caller_ids,
        "credentials": credentials,
        "limits": build_limits(credentials),
        "note_length": NOTE_LENGTH,
    }


@cache
def build_words(language: str) -> dict[str, Any]:
    """All that the page may come to say by itself, in `language`, which is the one that is spoken."""
    words = {
        "verdicts": {
            **{name: verdict.as_json() for name, verdict in build_browser_verdicts().items()},
            "offline": build_offline_verdict().as_json(),
        },
        "allow_microphone": dict(ALLOW_MICROPHONE),
        "codes": dict(list_page_codes()),
        "causes": build_page_causes(),
        "presence_words": WORDS,
    }
    # As they are written in this language, and not as they might be in another.
    told: dict[str, Any] = json.loads(json.dumps(words, cls=DjangoJSONEncoder))
    return told


def build_first_token(credentials: TwilioCredentials, page_session: uuid.UUID) -> dict[str, Any] | None:
    """As `POST /phone/token/` answers, with our clock in milliseconds since the epoch."""
    body = issue_first_token(credentials, page_session)
    return body and {**body, "server_now": round(time.time() * 1000)}


def build_push() -> dict[str, str]:
    """By what the page lets calls wake its browser; the key is empty where that is not offered."""
    return {
        "key": get_public_key(),
        "keep_url": reverse("push_subscription"),
        "forget_url": reverse("push_unsubscription"),
    }


def build_dialling(user: User, caller_ids: list[dict[str, str]]) -> dict[str, Any]:
    """By what the page reads numbers, as the server does: countries, and what is never called there."""
    numbers = [one["phone_number"] for one in caller_ids]
    return {
        "home": user.home_country,
        "countries": {number: get_country_of_e164(number) for number in numbers},
        "emergency": build_emergency_patterns(),
    }


def build_support_facts(credentials: TwilioCredentials) -> dict[str, str]:
    """What the page's support report says of the product and the account: the ends of SIDs only."""
    return {
        "version": settings.VERSION,
        "account": get_sid_tail(credentials.account.account_sid),
        "api_key": get_sid_tail(credentials.api_key_sid),
        "region": credentials.region,
    }


def list_caller_ids(account: TwilioAccount, rights: Membership | None) -> list[dict[str, str]]:
    """Numbers that a person may show to whom they call, in E.164: the account's first, then verified ones."""
    numbers = list_may_be_shown(account, rights).order_by("kind", "phone_number")
    return [
        {
            "phone_number": number.phone_number,
            "label": number.friendly_name or str(number.get_kind_display()),
        }
        for number in numbers
    ]
