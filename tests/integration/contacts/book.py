"""Address books to try things with: two companies, and what their people know."""

from dataclasses import dataclass

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.contacts import Contact
from phone.contacts.keeping import keep_cards

PARIS, LONDON, BERLIN = "+33142685300", "+442079460000", "+493023125000"


@dataclass(frozen=True)
class Company:
    """`alice` and `bob` use the account; `mallory` uses another."""

    account: TwilioAccount
    alice: User
    bob: User
    mallory: User
    elsewhere: TwilioAccount


def build_company(alice: User, bob: User, mallory: User) -> Company:
    account, elsewhere = (TwilioAccount.objects.create(account_sid="AC" + one * 32) for one in "ab")
    for person, used in ((alice, account), (bob, account), (mallory, elsewhere)):
        TwilioCredentials.objects.create(user=person, account=used)
    return Company(account, alice, bob, mallory, elsewhere)


def build_card(name: str, *numbers: str, **fields: object) -> ContactCard:
    return ContactCard(name=name, numbers=tuple(CardNumber(one, Kind.WORK) for one in numbers), **fields)  # type: ignore[arg-type]


def keep(user: User, account: TwilioAccount, card: ContactCard, *, is_shared: bool = False) -> Contact:
    """The contact that `card` has become."""
    before = set(Contact.objects.values_list("pk", flat=True))
    keep_cards(user, account, [card], is_shared=is_shared)
    return Contact.objects.exclude(pk__in=before).get()
