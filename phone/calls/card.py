"""What a page shows of a call from outside while it rings here."""

from collections.abc import Iterable, Mapping

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.attestation import describe_attestation
from phone.calls.call import Call
from phone.calls.destinations import say
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.contacts.names import find_names_of


def build_card(account: TwilioAccount, call: Call) -> dict[str, str]:
    """Parameters for the Devices that `call` rings; what is not known is empty."""
    is_withheld = call.from_address == WITHHELD
    return {
        "display": WITHHELD_NAME if is_withheld else "",
        "withheld": "yes" if is_withheld else "",
        "called": call.to_address,
        "called_name": get_name_of_number(account, call.to_address),
        # Whoever shows no number has none that could be vouched for.
        "attestation": "" if is_withheld else describe_attestation(call.stir_verstat),
        "call": call.call_sid,
    }


def find_displays(address: str, people: Iterable[User]) -> dict[str, str]:
    """What those of `people` who have a contact with the number `address` call it, by their identities.

    One query for all of them; none for a colleague or a number that is withheld.
    """
    identities = {person.pk: person.identity for person in people}
    names = find_names_of(identities.keys(), [address])
    return {identities[key]: shown for (key, _), name in names.items() if (shown := say(name))}


def get_name_of_number(account: TwilioAccount, phone_number: str) -> str:
    """What the account calls its number; "" where that is only the number, written otherwise."""
    number = PhoneNumber.objects.filter(account=account, phone_number=phone_number).first()
    return read_name(number.friendly_name) if number else ""


# By the account's key and the number.
NamesOfNumbers = Mapping[tuple[object, str], str]


def get_names_of_numbers(calls: Iterable[Call]) -> NamesOfNumbers:
    """What their accounts call the numbers that `calls` came in to; one query at most."""
    wanted = {(call.account_id, call.to_address) for call in calls if call.to_address.startswith("+")}
    if not wanted:
        return {}
    accounts, numbers = {account for account, _ in wanted}, {number for _, number in wanted}
    # As `first()` has it where a number is there twice.
    found = PhoneNumber.objects.filter(account__in=accounts, phone_number__in=numbers).order_by("-pk")
    return {(one.account_id, one.phone_number): read_name(one.friendly_name) for one in found}


def read_name(friendly_name: str) -> str:
    name = say(friendly_name)
    return name if any(letter.isalpha() for letter in name) else ""
