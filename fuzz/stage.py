"""Who is there and what they have: rows in every table, made anew for each batch of inputs.

It stands on what the tests have for the admin's pages, so that a table that comes has rows here, too.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Model, QuerySet
from django.test import Client

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fuzz.declared import Key, Route
from phone.answering.greetings import Greeting, store_sound
from phone.answering.sound import SAMPLE_RATE, write_sound
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.contacts.contacts import Contact, ContactNumber
from phone.contacts.exchange.imports import ContactImport
from phone.recordings.recordings import Recording
from tests.browser.admin_rows import make_rows
from tests.emptying import Emptier
from tests.failed_calls import add_leg, answer_call

PASSWORD = "dog-and-bone"
AUTH_TOKEN = "5" * 32
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Nobody, somebody without Twilio, the owner of an account, their colleague, a superuser.
ACTORS = ("nobody", "stranger", "owner", "member", "admin")


class Stage:
    """`set()` begins anew; `mend()` only where an input has signed somebody out or taken them away."""

    def __init__(self) -> None:
        self.emptier = Emptier()
        self.cookies: dict[str, str] = {}
        self.words: dict[str, list[str]] = {}
        self.keys: dict[type[Model], list[str]] = {}

    def set(self) -> None:
        self.emptier.empty()
        cache.clear()
        admin = User.objects.create_superuser("admin@example.com", PASSWORD, name="Admin")
        self.people = {"admin": admin, "owner": make_rows(admin)}
        for name in ("member", "stranger"):
            email = f"{name}@fuzz.example.com"
            self.people[name] = User.objects.create_user(email, PASSWORD, name=name.title())
        self.people["owner"].set_password(PASSWORD)
        self.people["owner"].save()
        account = TwilioAccount.objects.order_by("pk")[0]
        self.webhook_key, self.account_sid = account.webhook_key, account.account_sid
        TwilioCredentials.objects.create(user=self.people["member"], account=account, verdict="ok")
        for credentials in TwilioCredentials.objects.all():
            credentials.auth_token = AUTH_TOKEN
            credentials.save()
        Membership.objects.filter(user=self.people["owner"]).update(role=Membership.Role.OWNER)
        self.add_calls(account)
        self.add_belongings(account)
        self.cookies = {name: sign_in(person) for name, person in self.people.items()}
        self.read_words()
        self.standing = self.read_standing()

    def add_calls(self, account: TwilioAccount) -> None:
        """One in a room, one that rings, both of the owner."""
        owner, member = self.people["owner"], self.people["member"]
        mine: dict[str, Any] = {"user": owner, "from_address": f"client:{owner.identity}"}
        room = Conference.objects.create(account=account, conference_sid="CF" + "2" * 32)
        call = answer_call(account, call_sid="CA" + "a" * 32, conference=room, **mine)
        add_leg(
            call, "caller", f"client:{owner.identity}", user=owner, conference=room, call_sid=call.call_sid
        )
        add_leg(call, "called", "+442071838750", conference=room, call_sid="CA" + "b" * 32)
        ringing = answer_call(
            account,
            call_sid="CA" + "c" * 32,
            answered_at=None,
            status="ringing",
            direction="incoming",
            from_address="+442071838750",
            to_address="+12025550123",
        )
        add_leg(ringing, "called", f"client:{member.identity}", user=member, call_sid="CA" + "d" * 32)

    def add_belongings(self, account: TwilioAccount) -> None:
        owner = self.people["owner"]
        for name, book in (
            ("Ann", {"owner": owner}),
            ("Bea", {"account": account}),
            ("Ann", {"owner": owner}),
        ):
            contact = Contact.objects.create(name=name, **book)
            number = {"number": "+442079460958", "typed": "020 7946 0958", "kind": "work", "position": 0}
            ContactNumber.objects.create(contact=contact, **book, **number)
        Greeting.objects.create(user=owner, text="Hello")
        store_sound(owner, write_sound(b"\0\0" * SAMPLE_RATE), 1.0)
        ContactImport.objects.create(user=owner, account=account, is_shared=False, file_name="people.csv")

    def mend(self) -> None:
        if self.read_standing() != self.standing:
            self.set()

    def read_standing(self) -> tuple[Any, ...]:
        """What an input may not have changed if the next is to reach as far."""
        people = User.objects.order_by("pk").values_list("pk", "is_active", "is_superuser", "identity")
        connected = TwilioCredentials.objects.order_by("pk").values_list("pk", "user", "account", "verdict")
        account = TwilioAccount.objects.filter(webhook_key=self.webhook_key).count()
        sessions = Session.objects.filter(session_key__in=self.cookies.values()).count()
        return account, sessions, *people[:20], *connected

    def read_words(self) -> None:
        """Values that are somebody's, by what they are; and the keys of all rows, by table."""
        people = list(self.people.values())
        self.words = {
            "CallSid": list_values(Call, "call_sid") + list_values(CallLeg, "call_sid"),
            "CallSid of now": list_values(Call.objects.filter(ended_at=None), "call_sid")
            + list_values(CallLeg.objects.filter(ended_at=None, call__ended_at=None), "call_sid"),
            "ConferenceSid": list_values(Conference, "conference_sid"),
            "FriendlyName": [room.name for room in Conference.objects.order_by("created_at")],
            "RecordingSid": list_values(Recording, "recording_sid"),
            "Label": [leg.label for leg in CallLeg.objects.order_by("call_sid")],
            "Address": [f"client:{one.identity}" for one in people] + ["+442079460958", "+12025550123"],
            "Identity": [one.identity for one in people],
            "Email": [one.email for one in people],
        }
        self.keys = {model: list_values(model, "pk") for model in apps.get_models()}

    def find_keys(self, route: Route, key: Key) -> list[str]:
        """Keys that exist, of the model that the address names last before the key, if it names one."""
        if key.name == "webhook_key":
            return [self.webhook_key]
        if "sid" in key.name:
            return self.words["CallSid"]
        steps = [step for step in key.after.split("/") if step]
        if route.is_admin and len(steps) >= 3:
            named = [model for model in self.keys if model._meta.label_lower == ".".join(steps[1:3])]
            return [one for model in named for one in self.keys[model]]
        for step in reversed(steps):
            stem = step.replace("-", "").removesuffix("s")
            found = [one for model in self.keys for one in self.keys[model] if stem in model.__name__.lower()]
            if found:
                return found
        return []


def list_values(of: type[Model] | QuerySet[Any], name: str) -> list[str]:
    rows = of if isinstance(of, QuerySet) else of._default_manager.all()
    return [str(value) for value in rows.order_by(name).values_list(name, flat=True)[:40]]


def sign_in(person: User) -> str:
    """The key of a new session of theirs."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
