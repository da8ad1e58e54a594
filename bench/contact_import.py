"""An import of twenty thousand contacts, beside the limit of 30 s: CSV and vCard, on SQLite and PostgreSQL.

From the moment the file is sent until the import is over: the request through the whole of Django, and the
task as the worker runs it, in this process. `BENCH_CONTACTS` makes it smaller; the limit goes with it.
"""

import os
import random
import time

from bench.databases import measure_on_each, set_up
from bench.timing import ratio, tell

CONTACTS = int(os.environ.get("BENCH_CONTACTS", "20_000"))
LIMIT = 30.0 * CONTACTS / 20_000
NAMES = ("Anna", "Bénédicte", "Carla", "Dev", "Ella", "Femi", "Greta", "Hugo", "Ines", "Jörg")


def run() -> None:
    measure_on_each("bench.contact_import", f"Import of {CONTACTS:,} contacts")


def main() -> None:
    database, contacts = set_up(), make_contacts()
    seconds = [
        measure(f"{database}: {name}", number, name, content)
        for number, (name, content) in enumerate(make_files(contacts).items())
    ]
    tell(f"{database}: the slowest", f"{max(seconds):.1f} s", ratio(max(seconds), LIMIT, f"{LIMIT:.0f} s"))


def make_contacts() -> list[dict[str, str]]:
    """A number or two each, some with a note; no two alike."""
    dice = random.Random(20261130)
    return [
        {
            "given": f"{dice.choice(NAMES)} {dice.choice(NAMES)}",
            "family": f"Müller-{number}",
            "company": f"Company {dice.randrange(500)} GmbH" if dice.random() < 0.5 else "",
            "mobile": f"+4915{dice.randrange(10**9):09}",
            "work": f"030 {dice.randrange(10**7):07}" if dice.random() < 0.5 else "",
            "email": f"person{number}@example.com",
            "note": "met at the fair, wants the blue one" if dice.random() < 0.2 else "",
        }
        for number in range(CONTACTS)
    ]


def make_files(contacts: list[dict[str, str]]) -> dict[str, bytes]:
    """By the kind of file; each has the contacts of its own, by a letter in their names."""
    csv = "First Name,Last Name,Organization Name,Notes,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value"
    csv += ",Phone 2 - Label,Phone 2 - Value\r\n"
    csv += "".join(
        '{given},{family},{company},"{note}",{email},Mobile,{mobile},Work,{work}\r\n'.format(**one)
        for one in contacts
    )
    card = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{family};=4A=C3=B6{given};;;\r\n"
        "ORG:{company}\r\nTEL;CELL;PREF:{mobile}\r\nTEL;WORK:{work}\r\nEMAIL;INTERNET:{email}\r\nNOTE:{note}\r\n"
        "PHOTO;ENCODING=BASE64;JPEG:{picture}\r\n\r\nEND:VCARD\r\n"
    )
    picture = "\r\n ".join(["A" * 74] * 6)
    return {
        "CSV, Google’s columns": csv.encode(),
        "the same once more": csv.encode(),
        "vCard 2.1, with pictures": "".join(card.format(**one, picture=picture) for one in contacts).encode(),
    }


def measure(title: str, number: int, name: str, content: bytes) -> float:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from accounts.people import User
    from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
    from phone.contacts.exchange.imports import ContactImport
    from tests.tasks import run_tasks

    person, _ = User.objects.get_or_create(email="bench@example.com", home_country="DE")
    account, _ = TwilioAccount.objects.get_or_create(account_sid=f"AC{1:032x}")
    TwilioCredentials.objects.get_or_create(user=person, account=account, verdict="ok")
    client = Client(headers={"hx-request": "true"})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    begun = time.perf_counter()
    answer = client.post("/phone/contacts/import/", {"file": SimpleUploadedFile(f"{number}.csv", content)})
    asked = time.perf_counter()
    run_tasks()
    seconds = time.perf_counter() - begun
    done = ContactImport.objects.newest()[0]
    if answer.status_code != 302 or not done.is_over or done.added + done.known != CONTACTS:
        raise RuntimeError(
            f"{name}: {answer.status_code}, {done.added} added, {done.known} known, {done.fault}"
        )
    figure = f"{seconds:.1f} s, {len(content) / 2**20:.1f} MB, {asked - begun:.1f} s of it sent"
    tell(title, figure, ratio(seconds, LIMIT, f"the limit of {LIMIT:.0f} s"))
    return seconds


if __name__ == "__main__":
    main()
