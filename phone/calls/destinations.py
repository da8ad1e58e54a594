"""Whom a caller means, and which number the call shows: both decided here, never by the page."""

from dataclasses import dataclass

from accounts.look_alikes import are_twins, strip_unseen
from accounts.name_rules import is_name
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import Reading, build_send_digits, read
from phone.dialling.reasons import build_sentence

DEFAULT_COUNTRY = "US"
SPOKEN_LETTERS = 60
# Faults of a text in which nobody is meant who could be called.
NOBODY = frozenset({"nothing", "no_number"})


class CannotDial(Exception):
    """`sentence` says to the caller, aloud, why a call is not made; `reason` names that in a word.

    A reason is one of `dialling/reasons.py`, or `yourself`, `several_people`, `no_caller_id`. `is_attempt` is
    False where nobody was meant that could have been called: words without a number.
    """

    def __init__(self, sentence: str, *, reason: str, is_attempt: bool = True) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason
        self.is_attempt = is_attempt


@dataclass(frozen=True)
class Destination:
    """A colleague; or a number in E.164, the caller ID to show, and what is dialled after the answer."""

    colleague: User | None = None
    phone_number: str = ""
    caller_id: str = ""
    after: str = ""

    @property
    def send_digits(self) -> str:
        return build_send_digits(self.after)

    @property
    def address(self) -> str:
        return f"client:{self.colleague.identity}" if self.colleague else self.phone_number


def find_destination(*, caller: User, account: TwilioAccount, typed: str, caller_id: str) -> Destination:
    """Where `typed` leads. `caller_id` is what the page asked for. Raises CannotDial.

    An e-mail address or an identity is a colleague's; then it is a number; only what is none may be a name.
    """
    typed = typed.strip().removeprefix("client:").strip()
    allowed = choose_caller_id(account, caller_id)
    colleague = find_by_address(account, typed)
    if colleague is None:
        country = get_country_of_e164(allowed) or DEFAULT_COUNTRY
        reading = read(typed, home=caller.home_country or country, countries=[country])
        if reading.number:
            return build_number(reading, allowed)
        colleague = find_by_name(account, typed) if reading.is_words else None
        if colleague is None:
            raise build_refusal(reading, typed)
    if colleague == caller:
        raise CannotDial("That is you. You cannot call yourself.", reason="yourself")
    return Destination(colleague=colleague)


def build_number(reading: Reading, caller_id: str) -> Destination:
    if not caller_id:
        raise CannotDial(
            "Your Twilio account has no number to call from. Buy one at Twilio, or verify one of your own.",
            reason="no_caller_id",
        )
    return Destination(phone_number=reading.number, caller_id=caller_id, after=reading.after)


def build_refusal(reading: Reading, typed: str) -> CannotDial:
    if reading.fault is None:
        raise ValueError("A reading without a number has a fault")
    reason = reading.fault.reason
    return CannotDial(
        build_sentence(reading.fault, say(typed)), reason=reason, is_attempt=reason not in NOBODY
    )


def find_by_address(account: TwilioAccount, typed: str) -> User | None:
    """The member whose e-mail address or identity is `typed`."""
    wanted = strip_unseen(typed).casefold()
    if not any(letter.isalpha() for letter in wanted):
        return None
    return next((one for one in list_members(account) if wanted in (one.email, one.identity)), None)


def find_by_name(account: TwilioAccount, typed: str) -> User | None:
    """The one member whose name, or the e-mail address before its @, is `typed`.

    Raises CannotDial where several share it, or one has a name that cannot be told from it.
    """
    wanted = strip_unseen(typed).casefold()
    names = {member: list_names(member) for member in list_members(account)}
    if not any(name.casefold() == wanted for known in names.values() for name in known):
        return None
    found = [member for member, known in names.items() if any(are_twins(typed, name) for name in known)]
    if len(found) > 1:
        raise CannotDial(
            f"There are {len(found)} people called {say(typed)}. Use the e-mail address.",
            reason="several_people",
        )
    return found[0]


def list_names(member: User) -> list[str]:
    """What may be typed for `member`: not a name that breaks the rules for names."""
    return [name for name in (member.display_name, member.email.partition("@")[0]) if is_name(name)]


def list_members(account: TwilioAccount) -> list[User]:
    return list(User.objects.filter(is_active=True, twilio_credentials__account=account))


def choose_caller_id(account: TwilioAccount, requested: str) -> str:
    """`requested` if the account may show it, else the number to show by default; "" if there is none."""
    numbers = list(
        PhoneNumber.objects.filter(account=account).order_by("kind", "-points_here", "phone_number")
    )
    if any(number.phone_number == requested for number in numbers):
        return requested
    return numbers[0].phone_number if numbers else ""


def say(typed: str) -> str:
    """`typed` as it may be spoken: short, and without what XML 1.0 cannot carry."""
    spoken = "".join(letter for letter in typed if letter.isprintable())
    return spoken[:SPOKEN_LETTERS]
