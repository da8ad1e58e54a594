"""Makes the people of the soak: `python -m soak.people PAGES READERS`.

Prints one line of JSON: the webhook keys of alice's and carol's accounts, by name. Besides those of the tests
there are as many on alice's account as have pages, and as many who have letters sent to them.
"""

import json
import sys

import django

django.setup()

from fake_twilio import catalogue
from tests.connections import connect
from tests.service.people import ACCOUNTS, make


def main(pages: int, readers: int) -> None:
    keys = {}
    for name, account in ACCOUNTS.items():
        user = make(name)
        if account:
            keys[name] = connect(user, account).account.webhook_key
    for number in range(pages):
        connect(make(name_page_owner(number)), catalogue.DEMO)
    for number in range(readers):
        make(name_reader(number))
    print(json.dumps(keys))


def name_page_owner(number: int) -> str:
    return f"page{number:02}"


def name_reader(number: int) -> str:
    return f"reader{number:02}"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
