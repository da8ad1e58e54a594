"""Makes the people of a running service, as its operator would: `python -m tests.service.people`.

Prints what a test has to know of each as one line of JSON: person -> account's webhook key.
"""

import json

import django

django.setup()

from accounts.people import User
from fake_twilio import catalogue
from tests.connections import connect

# alice and bob are colleagues; carol has an account of her own; dave has connected nothing.
ACCOUNTS = {"alice": catalogue.DEMO, "bob": catalogue.DEMO, "carol": "other", "dave": ""}
PASSWORD = "dog-and-bone"


def make(name: str) -> User:
    user = User.objects.filter(email=f"{name}@example.com").first()
    return user or User.objects.create_user(f"{name}@example.com", PASSWORD, name=name.title())


def main() -> None:
    keys = {}
    for name, account in ACCOUNTS.items():
        user = make(name)
        if account:
            keys[name] = connect(user, account).account.webhook_key
    if not User.objects.filter(email="admin@example.com").exists():
        User.objects.create_superuser("admin@example.com", PASSWORD, name="Admin")
    print(json.dumps(keys))


if __name__ == "__main__":
    main()
