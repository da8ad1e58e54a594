"""What was typed as a contact's number, read once and kept as a number that can be called from anywhere."""

from dataclasses import dataclass

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.contacts.card import Kind
from phone.dialling.faults import Fault
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import Reading, read

DEFAULT_COUNTRY = "US"
AFTER_LENGTH = 80


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
        reading = self.read(typed)
        if not reading.number:
            return None
        return KeptNumber(reading.number, write_after(reading.after), typed, kind)


def write_after(after: str) -> str:
    return f",{after}" if after and not after.startswith(",") else after


def get_country_of_account(account: TwilioAccount) -> str:
    """Of the number that it calls from where nobody chooses one; "" where it has none."""
    numbers = PhoneNumber.objects.filter(account=account).order_by("kind", "-points_here", "phone_number")
    first = numbers.values_list("phone_number", flat=True).first()
    return get_country_of_e164(first) if first else ""
