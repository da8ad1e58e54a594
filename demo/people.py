"""The demo's people: alice, bob and an admin, all with the same well-known password."""

from dataclasses import dataclass

from accounts.clients import ClientInfo
from accounts.company.memberships import Membership
from accounts.countries import list_countries
from accounts.letters import withdraw
from accounts.people import User
from accounts.sealing.fields import Secret
from accounts.twilio.candidate import Candidate
from accounts.twilio.connection import connect_twilio
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.verdicts.verdict import Verdict
from fake_twilio import catalogue
from phone.calling_limits.calling_limits import CallingLimitsChange
from phone.calling_limits.changing import change_limits

PASSWORD = "dog-and-bone"
DEMO_CLIENT = ClientInfo(ip_address="127.0.0.1", user_agent="make run")


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    is_admin: bool = False


ALICE = Person("alice@example.com", "Alice")
BOB = Person("bob@example.com", "Bob")
ADMIN = Person("admin@example.com", "Admin", is_admin=True)
PEOPLE = (ALICE, BOB, ADMIN)
CALLERS = (ALICE, BOB)
# The country that the demo's company does not allow.
NOT_ALLOWED = "SO"


def make_people() -> None:
    """Makes who is missing. Who is there keeps their name, and gets the demo's password back."""
    for person in PEOPLE:
        user, _ = User.objects.get_or_create(email=person.email, defaults={"name": person.name})
        user.is_staff = user.is_superuser = person.is_admin
        user.is_active = True
        if not user.check_password(PASSWORD):
            user.set_password(PASSWORD)
        user.save()


def connect_people() -> list[tuple[Person, Verdict]]:
    """Connects alice and bob to the fake's demo account, as the connect page would.

    The fake forgets at every start what was made in it, so this is done anew each time: it brings a
    fresh API key and TwiML App. The verdict of each.
    """
    candidate = Candidate(
        account_sid=catalogue.account_sid(catalogue.DEMO),
        auth_token=Secret(catalogue.auth_token(catalogue.DEMO)),
        api_key_sid="",
        api_key_secret=Secret(""),
        twiml_app_sid="",
    )
    verdicts = [
        (person, connect_twilio(user=get_user(person), candidate=candidate, client=DEMO_CLIENT).verdict)
        for person in CALLERS
    ]
    accept_bob()
    return verdicts


def accept_bob() -> None:
    """He proves alice's account and would ask her to join, by a letter that nobody in the demo waits for."""
    his = Membership.objects.filter(user=get_user(BOB), asked_at__isnull=False).first()
    if his is not None:
        withdraw(f"asking:{his.pk}")
        Membership.objects.filter(pk=his.pk).update(asked_at=None)


def allow_calls() -> None:
    """Lets the demo call whatever it lists, abroad and dear: nobody real is called. One country is left out,
    to be met by whoever wants to see a refusal of the company's own.
    """
    account = TwilioAccount.objects.filter(account_sid=catalogue.account_sid(catalogue.DEMO)).first()
    if account is None or CallingLimitsChange.objects.filter(account_sid=account.account_sid).exists():
        # Whoever has changed them in the demo keeps what they chose.
        return
    change_limits(
        account=account,
        by=get_user(ALICE),
        wanted={
            "countries": sorted({code for code, _ in list_countries()} - {NOT_ALLOWED}),
            **dict.fromkeys(("allows_premium", "allows_shared_cost", "allows_satellite"), True),
        },
        client=DEMO_CLIENT,
    )


def forget_connections() -> None:
    """Where no fake runs, what an earlier run connected alice and bob to is not there any more."""
    TwilioCredentials.objects.filter(
        user__email__in=[person.email for person in CALLERS],
        account__account_sid=catalogue.account_sid(catalogue.DEMO),
    ).delete()


def get_user(person: Person) -> User:
    return User.objects.get(email=person.email)
