import pytest

from accounts.people import User
from tests.integration.contacts.book import Company, build_company


@pytest.fixture
def company(alice: User, bob: User, mallory: User) -> Company:
    return build_company(alice, bob, mallory)
