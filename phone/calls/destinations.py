"""Whom a caller means, and which number the call shows: both decided here, never by the page."""

from dataclasses import dataclass

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.numbers import DEFAULT_COUNTRY, CannotDial, get_country, normalise, say


@dataclass(frozen=True)
class Destination:
    """A colleague, or else a number in E.164 with the caller ID it is called from."""

    colleague: User | None = None
    phone_number: str = ""
    caller_id: str = ""

    @property
    def address(self) -> str:
        return f"client:{self.colleague.identity}" if self.colleague else self.phone_number


def find_destination(*, caller: User, account: TwilioAccount, typed: str, caller_id: str) -> Destination:
    """Where `typed` leads. `caller_id` is what the page asked for. Raises CannotDial."""
    typed = typed.strip().removeprefix("client:").strip()
    colleague = find_colleague(account, typed)
    if colleague == caller:
        raise CannotDial("That is you. You cannot call yourself.")
    if colleague:
        return Destination(colleague=colleague)
    allowed = choose_caller_id(account, caller_id)
    number = normalise(typed, get_country(allowed) if allowed else DEFAULT_COUNTRY)
    if not allowed:
        raise CannotDial(
            "Your Twilio account has no number to call from. Buy one at Twilio, or verify one of your own."
        )
    return Destination(phone_number=number, caller_id=allowed)


def find_colleague(account: TwilioAccount, typed: str) -> User | None:
    """The one member whose e-mail address, name, local part or identity is `typed`, in that order.

    Raises CannotDial where several share it.
    """
    wanted = typed.casefold()
    if not wanted:
        return None
    members = list(User.objects.filter(is_active=True, twilio_credentials__account=account))
    for name_of in (
        lambda member: member.email,
        lambda member: member.display_name,
        lambda member: member.email.partition("@")[0],
        lambda member: member.identity,
    ):
        found = [member for member in members if name_of(member).casefold() == wanted]
        if len(found) > 1:
            raise CannotDial(f"There are {len(found)} people called {say(typed)}. Use the e-mail address.")
        if found:
            return found[0]
    return None


def choose_caller_id(account: TwilioAccount, requested: str) -> str:
    """`requested` if the account may show it, else the number to show by default; "" if there is none."""
    numbers = list(
        PhoneNumber.objects.filter(account=account).order_by("kind", "-points_here", "phone_number")
    )
    if any(number.phone_number == requested for number in numbers):
        return requested
    return numbers[0].phone_number if numbers else ""
