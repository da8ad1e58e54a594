"""Alice and Bob on one account with two numbers of its own; mallory on another."""

from typing import Any

import pytest

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.rules import NumberRules, RungPerson
from tests.webhook_requests import add_number, make_member

NUMBER = catalogue.DEMO_NUMBER
OTHER_NUMBER = "+12025550128"


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    add_number(account, OTHER_NUMBER, points_here=True)
    return account


def make_rules(account: TwilioAccount, *people: User, **fields: Any) -> NumberRules:
    """Rules of NUMBER; with `people`, those are the ones who ring."""
    who = NumberRules.Who.CHOSEN if people else NumberRules.Who.EVERYBODY
    rules = NumberRules.objects.create(account=account, phone_number=NUMBER, **{"who": who, **fields})
    for position, person in enumerate(people):
        RungPerson.objects.create(rules=rules, user=person, position=position)
    return rules
