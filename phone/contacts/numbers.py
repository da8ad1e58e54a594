"""What was typed as a contact's number, read once and kept as a number that can be called from anywhere."""

import re
from dataclasses import dataclass

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.contacts.card import Kind
from phone.dialling.emergency import is_emergency
from phone.dialling.faults import Fault
from phone.dialling.numbering import format_e164, parse, parse_national, strip_exit_codes
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import Reading, read

DEFAULT_COUNTRY = "US"
AFTER_LENGTH = 80
# Digits and what stands between their groups, and nothing that could be two numbers or an extension.
PLAIN = re.compile(r"(?!.*\(0\))(?:\+?\d|\(\d)[\d .()-]{5,22}\d", re.ASCII)


@dataclass(frozen=True)
class KeptNumber:
    """`number` in E.164; `after` begins with a pause where there is any."""

    number: str
    after: str
    typed: str
    kind: Kind

    @property
    def dialled(self) -> str:
        return self.number + self.after


class NumberReader:
    """Reads numbers as a person's own phone does: by their country, else that of their account's number."""

    def __init__(self, user: User, account: TwilioAccount) -> None:
        country = get_country_of_account(account) or DEFAULT_COUNTRY
        self.home, self.countries = user.home_country or country, (country,)

    def read(self, typed: str) -> Reading:
        reading = read(typed, home=self.home, countries=self.countries)
        if len(write_after(reading.after)) > AFTER_LENGTH:
            return Reading(fault=Fault("extension"))
        return reading

    def read_kept(self, typed: str, kind: Kind) -> KeptNumber | None:
        """None for what is no number."""
        number = self.read_plain(typed)
        if number:
            return KeptNumber(number, "", typed, kind)
        reading = self.read(typed)
        if not reading.number:
            return None
        return KeptNumber(reading.number, write_after(reading.after), typed, kind)

    def read_plain(self, typed: str) -> str:
        """What `read` says of digits in one group or several, which most numbers of a file are, in a third of
        the time; "" for whatever has to be looked at more closely."""
        if not PLAIN.fullmatch(typed):
            return ""
        digits = re.sub(r"\D", "", typed)
        has_plus = typed.startswith("+")
        if not has_plus and strip_exit_codes(digits, self.home):
            return ""
        number = parse(f"+{digits}", None) if has_plus else parse_national(digits, self.home)
        if number is None:
            return ""
        near = (self.home, *self.countries)
        is_help = is_emergency(digits, has_plus=has_plus, home=self.home, countries=near)
        return "" if is_help else format_e164(number)


def write_after(after: str) -> str:
    return f",{after}" if after and not after.startswith(",") else after


def get_country_of_account(account: TwilioAccount) -> str:
    """Of the number that it calls from where nobody chooses one; "" where it has none."""
    numbers = PhoneNumber.objects.filter(account=account).order_by("kind", "-points_here", "phone_number")
    first = numbers.values_list("phone_number", flat=True).first()
    return get_country_of_e164(first) if first else ""
