"""Whom a caller means, and which number the call shows: both decided here, never by the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.company.memberships import Membership, get_membership
from accounts.look_alikes import are_twins, strip_unseen
from accounts.name_rules import is_name
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.own_rules import REASONS, word_own_rule
from phone.dialling.faults import Fault
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import Reading, build_send_digits, read
from phone.dialling.reasons import build_sentence

DEFAULT_COUNTRY = "US"
SPOKEN_LETTERS = 60
# Faults of a text in which nobody is meant who could be called.
NOBODY = frozenset({"nothing", "no_number"})


# What callers hear is said in one language, whoever calls.
HEARD_IN = "en"
OWN_SENTENCES = {
    "yourself": _("That is you. You cannot call yourself."),
    "several_people": _("There are {count} people called {typed}. Use the e-mail address."),
    "may_not_call_out": _("This phone calls colleagues, and no numbers. Ask the owner of your company."),
    "no_number_for_you": _("There is no number that you may call from. Ask the owner of your company."),
    "no_caller_id": _(
        "Your Twilio account has no number to call from. Buy one at Twilio, or verify one of your own."
    ),
}


class CannotDial(Exception):
    """Why a call is not made: `reason` names it in a word, `typed` is what it was about, as it may be spoken.

    A reason is one of `dialling/reasons.py`, of `own_rules.py`, or of OWN_SENTENCES; `facts` are what its
    sentence names.
    `is_attempt` is False where nobody was meant that could have been called: words without a number.
    """

    def __init__(self, reason: str, typed: str = "", *, is_attempt: bool = True, **facts: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.typed = typed
        self.facts = facts
        self.is_attempt = is_attempt

    @property
    def words(self) -> str:
        """For the page, in the language that is spoken."""
        return word_refusal(self.reason, self.typed, self.facts)

    @property
    def sentence(self) -> str:
        """The same, said to the caller aloud."""
        with override(HEARD_IN):
            return self.words


def word_refusal(reason: str, typed: str, facts: Mapping[str, str]) -> str:
    """The sentence of a CannotDial, for the person who typed `typed`."""
    if reason in REASONS:
        return word_own_rule(reason, facts)
    if reason in OWN_SENTENCES:
        return str(OWN_SENTENCES[reason]).format(typed=typed, **facts)
    return build_sentence(Fault(reason, facts.get("country", "")), typed)


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
    rights = get_rights(caller)
    allowed = choose_caller_id(account, caller_id, rights)
    colleague = find_by_address(caller, account, typed)
    if colleague is None:
        country = get_country_of_e164(allowed) or DEFAULT_COUNTRY
        reading = read(typed, home=caller.home_country or country, countries=[country])
        if reading.number:
            if rights is not None and not rights.is_owner and not rights.may_call_out:
                raise CannotDial("may_not_call_out", say(typed))
            return build_number(reading, allowed, has_choice=rights is None or rights.may_show_any_number)
        colleague = find_by_name(caller, account, typed) if reading.is_words else None
        if colleague is None:
            raise build_refusal(reading, typed)
    if colleague == caller:
        raise CannotDial("yourself")
    return Destination(colleague=colleague)


def get_rights(caller: User) -> Membership | None:
    """What they may do; as it was when they were looked for, where that was by their phone."""
    known: Membership | None = caller._state.fields_cache.get("membership")
    return known or get_membership(caller)


def build_number(reading: Reading, caller_id: str, *, has_choice: bool = True) -> Destination:
    if not caller_id:
        raise CannotDial("no_caller_id" if has_choice else "no_number_for_you")
    return Destination(phone_number=reading.number, caller_id=caller_id, after=reading.after)


def build_refusal(reading: Reading, typed: str) -> CannotDial:
    if reading.fault is None:
        raise ValueError("A reading without a number has a fault")
    reason, country = reading.fault.reason, reading.fault.country
    facts = {"country": country} if country else {}
    return CannotDial(reason, say(typed), is_attempt=reason not in NOBODY, **facts)


def find_by_address(caller: User, account: TwilioAccount, typed: str) -> User | None:
    """The member whose e-mail address or identity is `typed`."""
    wanted = strip_unseen(typed).casefold()
    if not any(letter.isalpha() for letter in wanted):
        return None
    return next((one for one in list_members(caller, account) if wanted in (one.email, one.identity)), None)


def find_by_name(caller: User, account: TwilioAccount, typed: str) -> User | None:
    """The one member whose name, or the e-mail address before its @, is `typed`.

    Raises CannotDial where several share it, or one has a name that cannot be told from it.
    """
    wanted = strip_unseen(typed).casefold()
    names = {member: list_names(member) for member in list_members(caller, account)}
    if not any(name.casefold() == wanted for known in names.values() for name in known):
        return None
    found = [member for member, known in names.items() if any(are_twins(typed, name) for name in known)]
    if len(found) > 1:
        raise CannotDial("several_people", say(typed), count=str(len(found)))
    return found[0]


def list_names(member: User) -> list[str]:
    """What may be typed for `member`: not a name that breaks the rules for names."""
    return [name for name in (member.display_name, member.email.partition("@")[0]) if is_name(name)]


def list_members(caller: User, account: TwilioAccount) -> list[User]:
    """Those whom `caller` may call by name: nobody, where they have been refused."""
    members = User.objects.filter(is_active=True, membership__account=account)
    return list(members.filter(membership__account__memberships__user=caller))


def choose_caller_id(account: TwilioAccount, requested: str, rights: Membership | None = None) -> str:
    """`requested` if the account may show it, else the number to show by default; "" if there is none.

    `rights`: those of whoever calls, where somebody does; else it is a call that is forwarded.
    """
    numbers = sorted(
        list_may_be_shown(account, rights), key=lambda one: (one.kind, not one.points_here, one.phone_number)
    )
    if any(number.phone_number == requested for number in numbers):
        return requested
    return numbers[0].phone_number if numbers else ""


def list_may_be_shown(account: TwilioAccount, rights: Membership | None) -> QuerySet[PhoneNumber]:
    """The numbers of the account that whoever has these rights may call from."""
    if rights is None or rights.is_owner or rights.may_show_any_number:
        return account.phone_numbers.all()
    return account.phone_numbers.filter(pk__in=rights.caller_ids.values("pk"))


def say(typed: str) -> str:
    """`typed` as it may be spoken: short, and without what XML 1.0 cannot carry."""
    spoken = "".join(letter for letter in typed if letter.isprintable())
    return spoken[:SPOKEN_LETTERS]
