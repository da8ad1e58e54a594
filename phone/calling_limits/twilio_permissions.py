"""What Twilio's own geographic permissions say: read when somebody asks, and shown beside ours.

https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource. They hold as well: a call
that we allow and Twilio does not is refused by Twilio (13227, 21215). Nothing is changed at Twilio.
"""

import re
from typing import Any

from django.utils import timezone

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Answer, Limits, TwilioLogin, TwilioUnreachable, fetch
from accounts.twilio.setup import read_list
from phone.calling_limits.calling_limits import CallingLimits, get_limits
from phone.calls.confirmation import get_login

PATH = "/v1/DialingPermissions/Countries"
# Twilio calls 218 countries and takes 1000 a page at most.
PAGE_SIZE = 500
# Somebody is looking on.
LIMITS = Limits(connect=2.0, read=5.0)
TRIAL = "trial account"
FLAGS = {
    "low_risk_numbers_enabled": "low",
    "high_risk_special_numbers_enabled": "special",
    "high_risk_tollfraud_numbers_enabled": "tollfraud",
}


def ask_twilio(account: TwilioAccount, person: User) -> str:
    """Reads and keeps them: `told`, or why not: `trial`, `refused`, `away`, `no_login`."""
    get_limits(account)
    login = get_login(account, person)
    answer, permissions = ask(login)
    kept = CallingLimits.objects.filter(account=account)
    if answer == "told":
        kept.update(twilio_permissions=permissions, twilio_asked_at=timezone.now(), twilio_answer=answer)
    else:
        kept.update(twilio_answer=answer)
    return answer


def ask(login: TwilioLogin | None) -> tuple[str, dict[str, list[str]]]:
    if login is None:
        return "no_login", {}
    try:
        answer = fetch(login, PATH, product="voice", params={"PageSize": PAGE_SIZE}, limits=LIMITS)
    except TwilioUnreachable:
        return "away", {}
    except UnsealError:
        return "no_login", {}
    if not answer.is_success:
        return find_reason(answer), {}
    rows = read_list(answer, "content")
    return "told", {code: flags for code, flags in map(read_country, rows) if code}


def find_reason(answer: Answer) -> str:
    if TRIAL in answer.message.casefold():
        return "trial"
    is_ill = answer.status >= 500 or answer.status == 429 or answer.sender != "twilio"
    return "away" if is_ill else "refused"


def read_country(row: dict[str, Any]) -> tuple[str, list[str]]:
    """Its ISO code, and which of its numbers may be called: `low`, `special`, `tollfraud`."""
    code = row.get("iso_code")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z]{2}", code):
        return "", []
    return code.upper(), [short for name, short in FLAGS.items() if row.get(name) is True]
