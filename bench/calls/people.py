"""Who takes part: each voice a tone of its own, and numbers that answer sooner than the demo's."""

from fake_twilio import catalogue, numbers
from fake_twilio.people import Person
from fake_twilio.store import Account, IncomingPhoneNumber, make_sid

AGENT, OTHER, SECOND, TARGET = 600, 900, 1200, 1500
RING_SECONDS = 0.2

CALLEE_NUMBER = "+12025550172"
TARGET_NUMBER = "+12025550173"
CALLER_NUMBER = "+12025550150"
SECOND_NUMBER = "+12025550151"
# The numbers that are called from outside, by who answers.
OURS, PLAIN, CONFERENCE = "ours", "plain", "conference"
NUMBERS = {OURS: catalogue.DEMO_NUMBER, PLAIN: "+12025550127", CONFERENCE: "+12025550128"}


def settle_people() -> None:
    """Whom one can call."""
    numbers.PEOPLE[CALLEE_NUMBER] = Person("tone", OTHER, ring_seconds=RING_SECONDS)
    numbers.PEOPLE[TARGET_NUMBER] = Person("tone", TARGET, ring_seconds=RING_SECONDS)


def add_numbers(account: Account) -> None:
    """The numbers of the bare ways."""
    for way in (PLAIN, CONFERENCE):
        number = IncomingPhoneNumber(make_sid("PN", way), NUMBERS[way], {"friendly_name": way})
        account.incoming_phone_numbers[number.sid] = number
