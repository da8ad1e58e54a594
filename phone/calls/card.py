"""What a page shows of a call from outside while it rings here."""

from collections.abc import Iterable, Mapping

from accounts.languages import speaking_to
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.attestation import describe_attestation
from phone.calls.call import Call
from phone.calls.destinations import say
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.contacts.names import find_names_of


def build_card(account: TwilioAccount, call: Call) -> dict[str, str]:
    """Parameters for the Devices that `call` rings; what is not known is empty."""
    words = word_caller(call)
    return {
        "display": words["display"],
        "withheld": "yes" if call.from_address == WITHHELD else "",
        "called": call.to_address,
        "called_name": get_name_of_number(account, call.to_address),
        "attestation": words["attestation"],
        "call": call.call_sid,
    }


def word_caller(call: Call) -> dict[str, str]:
    """Those of the parameters that are words, in the language that is spoken."""
    is_withheld = call.from_address == WITHHELD
    return {
        "display": str(WITHHELD_NAME) if is_withheld else "",
        # Whoever shows no number has none that could be vouched for.
        "attestation": "" if is_withheld else describe_attestation(call.stir_verstat),
    }


def find_own_words(call: Call, address: str, people: Iterable[User]) -> dict[str, dict[str, str]]:
    """The same for each of `people`, by their identities: in their language, and with their contact's name.

    `address` is whose name they are shown.
    """
    people = list(people)
    names = find_displays(address, people)
    words = {}
    for person in people:
        with speaking_to(person):
            own = word_caller(call)
        words[person.identity] = {**own, "display": names.get(person.identity) or own["display"]}
    return words


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
