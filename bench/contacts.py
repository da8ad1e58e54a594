"""Twenty thousand contacts of one person beside the limits, on SQLite and PostgreSQL: 50 ms for an
answer, and 30 s for all to come in.

Each answer is the pane's fragment, as the page asks for it, signed in; searches for other words every time.
Three of four are the person's own, the rest is shared on the account. `BENCH_CONTACTS` makes it smaller.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench.databases import measure_on_each, set_up
from bench.lists import ROUNDS, WARM_UP, measure_pages, sign_in
from bench.timing import ratio, tell

if TYPE_CHECKING:
    from accounts.people import User
    from phone.contacts.card import ContactCard

LIMIT = 50.0
LIMIT_SECONDS = 30.0
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "20_000"))
OWN = CONTACTS * 3 // 4
NAMES = ("Anna", "Ben", "Carla", "Dev", "Ella", "Femi", "Greta", "Hugo", "Ines", "Jonas")
FAMILIES = ("Abbott", "Brandt", "Castro", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jansen")
# The names of the fictional numbers' areas: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers
NUMBERS = ("+44 7700 9{0:05}", "+1 (202) 555-{1:04}", "020 7946 {1:04}", "+49 30 23{0:05}", "0161 496 {1:04}")


def run() -> None:
    measure_on_each("bench.contacts", f"Contacts, {CONTACTS:,} that one person sees")


def main() -> None:
    database = set_up()
    person = seed(database)
    pages = build_addresses(person)
    measure_pages(sign_in(person, hx_request="true"), pages, build_stock(), LIMIT, f"{database}: ")


def seed(database: str) -> "User":
    """The person, whose contacts come in as from a file; and a call from one of ten of them."""
    from django.db import connection

    from accounts.people import User
    from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
    from phone.contacts.keeping import keep_cards

    account = TwilioAccount.objects.create(account_sid=f"AC{1:032x}")
    person = User.objects.create(email="bench@example.com", home_country="GB")
    TwilioCredentials.objects.create(user=person, account=account, verdict="ok")
    for is_shared, count in ((False, OWN), (True, CONTACTS - OWN)):
        begun, used = time.perf_counter(), time.process_time()
        kept = keep_cards(person, account, build_cards(count), is_shared=is_shared)
        if kept.added != count:
            raise RuntimeError(f"{kept} of {count}")
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        tell(
            f"{database}: {'shared' if is_shared else 'own'} ones come in",
            f"{seconds:.1f} s, {used:.1f} s of a processor",
            ratio(seconds, LIMIT_SECONDS * count / 20_000, f"the limit of {LIMIT_SECONDS:.0f} s for 20,000"),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def build_cards(count: int) -> "Iterator[ContactCard]":
    """Two numbers each, as people write them; every second has an e-mail address, every fifth a note."""
    from phone.contacts.card import CardNumber, ContactCard, Kind

    dice = random.Random(20261130)
    for at in range(count):
        name = f"{NAMES[at % 10]} {FAMILIES[at // 10 % 10]}-{at // 100}"
        numbers = [
            dice.choice(NUMBERS).format(dice.randrange(100_000), dice.randrange(1000)) for _ in range(2)
        ]
        yield ContactCard(
            name=name,
            company=f"Company {at % 500}",
            numbers=(CardNumber(numbers[0], Kind.MOBILE), CardNumber(numbers[1], Kind.WORK)),
            emails=(f"person{at}@example.com",) if at % 2 else (),
            note="met at the fair, wants the blue one" if at % 5 == 0 else "",
        )


def build_addresses(person: "User") -> dict[str, Callable[[int], str]]:
    """What is asked, and its address for the nth time."""
    from phone.contacts.contacts import Contact

    rows = Contact.objects.filter(owner=person).order_by("sort_name")
    deep = [str(rows[OWN * at // (ROUNDS + WARM_UP)].pk) for at in range(ROUNDS + WARM_UP)]
    pane, suggestions = "/phone/contacts/", "/phone/suggestions/"
    return {
        "the list": lambda n: pane,
        "behind somebody deep in": lambda n: f"{pane}?after={deep[n]}",
        "search, the first letter": lambda n: f"{pane}?q={NAMES[n % 10][0]}",
        "search, a name": lambda n: f"{pane}?q={NAMES[n % 10]}+{FAMILIES[n // 2 % 10]}",
        "search, one of all": lambda n: f"{pane}?q=person{n * 601 + 1}@",
        "search, part of a number": lambda n: f"{pane}?q=7946+0{n:02}",
        "search, nobody": lambda n: f"{pane}?q=nobody{n}",
        "suggestions, the first letter": lambda n: f"{suggestions}?q={NAMES[n % 10][0]}",
        "suggestions, a family's name": lambda n: f"{suggestions}?q={FAMILIES[n % 10]}-{n}",
        "suggestions, digits": lambda n: f"{suggestions}?q=%2B44+770{n % 10}",
        "suggestions, nobody": lambda n: f"{suggestions}?q=nobody{n}",
    }


def build_stock() -> dict[str, Callable[[int], str]]:
    contacts = "/stock/phone/contact/"
    return {
        "the list": lambda n: contacts,
        "search, the first letter": lambda n: f"{contacts}?q={NAMES[n % 10][0]}",
        "search, a name": lambda n: f"{contacts}?q={NAMES[n % 10]}+{FAMILIES[n // 2 % 10]}",
        "search, one of all": lambda n: f"{contacts}?q=person{n * 601 + 1}@",
        "search, nobody": lambda n: f"{contacts}?q=nobody{n}",
    }


if __name__ == "__main__":
    main()
