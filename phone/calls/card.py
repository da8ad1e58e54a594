"""What a page shows of a call from outside while it rings here."""

from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.attestation import describe_attestation
from phone.calls.call import Call
from phone.calls.destinations import say
from phone.calls.withheld import WITHHELD, WITHHELD_NAME


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


def get_name_of_number(account: TwilioAccount, phone_number: str) -> str:
    """What the account calls its number; "" where that is only the number, written otherwise."""
    number = PhoneNumber.objects.filter(account=account, phone_number=phone_number).first()
    name = say(number.friendly_name) if number else ""
    return name if any(letter.isalpha() for letter in name) else ""
