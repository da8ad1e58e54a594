"""A call's stored cause in words, with the names and numbers of its ends."""

from collections.abc import Mapping

import phonenumbers
from django.utils.translation import gettext_lazy as _

from accounts.countries import get_country_name
from accounts.translated import Words, when_read
from phone.calls.call import Call
from phone.calls.destinations import word_refusal
from phone.calls.parties import get_names, put_names
from phone.calls.records import ENDED
from phone.calls.withheld import WITHHELD, is_withheld
from phone.causes.cause import Cause, build_cause
from phone.causes.texts import NOBODY_HEARD, NOT_CONNECTED_HEARD
from phone.dialling.plans import get_country_of_e164

# Of a call that came in: its caller is blocked. Of one that was to be made, another rule of ours.
BLOCKED = "refused_here"
# Of a party's: they were talked to, or are not wanted any more.
NO_FAULT = ("", "answered", "answered_elsewhere", "canceled")
OWN_SERVER = _("Dog n Bone's own server")
# As it was kept while facts were words.
OWN_SERVER_IN_WORDS = "Dog n Bone's own server"


def describe_cause(call: Call, *, variant: str = "", **facts: Words) -> Cause:
    """Why `call` ended, for whoever made it or, of one that came in, for those it was for.

    `variant` and `facts` where it looks otherwise to the person who reads it. Raises ValueError for a call
    without a cause.
    """
    if not call.cause:
        raise ValueError("The call has no cause yet.")
    told = call.cause_facts.get("told", {})
    known = {**word_facts(told.get("facts", {})), **name_ends(call), **facts}
    return build_cause(call.cause, variant or told.get("variant", ""), **known)


def word_facts(told: Mapping[str, str]) -> dict[str, Words]:
    """What is kept of a cause (`Explanation.facts`), as its words name it; what was kept in words stays."""
    facts: dict[str, Words] = {**told}
    if code := told.get("country_code"):
        facts["country"] = name_country(code)
    if told.get("where") in ("", OWN_SERVER_IN_WORDS):
        facts["where"] = OWN_SERVER
    return facts


def name_country(code: str) -> Words:
    return when_read(lambda: get_country_name(code))


def name_cause(slug: str, *, is_incoming: bool) -> str:
    """What a cause is called: not to take a call is another thing than not to make one."""
    return build_cause(slug, "blocked" if slug == BLOCKED and is_incoming else "").title


def describe_heard(call: Call) -> str:
    """What the caller hears when the Dial is over; "" where they have talked, or have hung up by then."""
    if call.answered_at is not None or call.status not in ENDED or call.status == "canceled":
        return ""
    if not call.cause:
        return NOBODY_HEARD if call.direction == Call.Direction.INCOMING else NOT_CONNECTED_HEARD
    if call.cause == "canceled":
        return ""
    if call.direction == Call.Direction.INCOMING:
        return NOBODY_HEARD
    return describe_cause(call).heard


def describe_party(slug: str, address: str, name: str, *, variant: str = "party") -> Cause | None:
    """Why the party at `address`, called `name`, is not in a call that goes on; None where nothing failed."""
    if slug in NO_FAULT:
        return None
    number = show_number(address) if address.startswith("+") else ""
    code = get_country_of_e164(address) if number else None
    country = name_country(code) if code else ""
    return build_cause(slug, variant, name=show_number(name), number=number, country=country)


def name_ends(call: Call) -> dict[str, Words]:
    """The facts that a call's own row has: who is at the other end, the number, what was said instead."""
    is_incoming = call.direction == Call.Direction.INCOMING
    other = call.from_address if is_incoming else call.to_address
    is_number = other.startswith("+")
    return {
        "name": "" if is_number and not is_incoming else name_end(other),
        "number": show_number(call.to_address) if call.to_address.startswith("+") else "",
        "caller_id": show_number(call.caller_id),
        "sentence": word_said(call),
        "owner": call.cause_facts.get("said", {}).get("owner", ""),
    }


def word_said(call: Call) -> Words:
    """Why it was not made, by a rule of ours; of a call of before, as its caller heard it."""
    said = dict(call.cause_facts.get("said", {}))
    reason = said.pop("reason", "")
    return when_read(lambda: word_refusal(reason, call.to_address, said)) if reason else call.ending


def name_end(address: str) -> Words:
    if address == WITHHELD or is_withheld(address):
        return _("Somebody without a number")
    names = get_names([address])
    return when_read(lambda: show_number(put_names(address, names)))


def show_number(address: str) -> str:
    """A number in E.164 as people write it; anything else as it is."""
    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return address
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
