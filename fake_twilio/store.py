"""What the fake Twilio knows: accounts, keys, applications, numbers, calls. All in memory.

Every other module of `fake_twilio` reads and writes this one store, so that a key deleted over
REST is refused by the signalling gateway a moment later, as it would be at Twilio.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Region = Literal["us1", "ie1", "au1"]
Status = Literal["active", "suspended", "closed"]
KeyKind = Literal["main", "standard", "restricted"]
REGIONS: tuple[Region, ...] = ("us1", "ie1", "au1")


def make_sid(prefix: str, name: str | None = None) -> str:
    """A SID of `prefix` and 32 hex characters; the same one for the same `name`."""
    if name is None:
        return prefix + secrets.token_hex(16)
    return prefix + hashlib.md5(f"{prefix}:{name}".encode(), usedforsecurity=False).hexdigest()


def make_secret(name: str) -> str:
    """A made-up secret of 32 hex characters, the same one for the same `name`.

    Derived rather than written down, so that the source holds nothing that looks like a secret.
    """
    return hashlib.sha256(f"fake secret:{name}".encode()).hexdigest()[:32]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ApiKey:
    sid: str
    secret: str = field(repr=False)
    kind: KeyKind = "standard"
    region: Region = "us1"
    friendly_name: str = ""
    # What a Restricted key may do, as iam v1 shows it: {"allow": ["/twilio/voice/calls/read", …]}.
    policy: dict[str, Any] | None = None
    created_at: datetime = field(default_factory=now)


@dataclass
class Application:
    """A TwiML App. `fields` holds Twilio's own names in snake case (voice_url, voice_method …)."""

    sid: str
    region: Region = "us1"
    fields: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)


@dataclass
class IncomingPhoneNumber:
    sid: str
    phone_number: str
    fields: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)


@dataclass
class OutgoingCallerId:
    sid: str
    phone_number: str
    friendly_name: str = ""
    created_at: datetime = field(default_factory=now)


@dataclass
class CallRecord:
    """A row of `Calls.json`; the living call is in `calls.py`."""

    sid: str
    account_sid: str
    from_: str
    to: str
    direction: str
    status: str = "queued"
    parent_call_sid: str | None = None
    # What the caller's carrier vouches for, where the call came from the network and it said so.
    stir_verstat: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered_at: datetime | None = None
    # What MachineDetection found.
    answered_by: str | None = None
    created_at: datetime = field(default_factory=now)


@dataclass
class Account:
    sid: str
    friendly_name: str
    auth_tokens: dict[Region, str] = field(repr=False)
    secondary_auth_token: str = field(default="", repr=False)
    status: Status = "active"
    type: Literal["Full", "Trial"] = "Full"
    owner_account_sid: str = ""
    is_test: bool = False
    is_under_review: bool = False
    refuses_new_keys: bool = False
    # What is answered while not active: a name of `rest/account_states.py`, "" for the usual one.
    suspended_variant: str = ""
    # A fault from `faults.py` that every REST answer of this account suffers, "" for none.
    rest_fault: str = ""
    # A fault from `signalling.py` that every registration of this account suffers, "" for none.
    gateway_fault: str = ""
    # What ails the account's calls, a name of `catalogue.CALL_FAULTS`, "" for nothing.
    call_fault: str = ""
    keys: dict[str, ApiKey] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    incoming_phone_numbers: dict[str, IncomingPhoneNumber] = field(default_factory=dict)
    outgoing_caller_ids: dict[str, OutgoingCallerId] = field(default_factory=dict)
    calls: dict[str, CallRecord] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    # What somebody took away and may bring back, by its SID: see `set_aside.py`.
    set_aside: dict[str, Application | IncomingPhoneNumber | OutgoingCallerId] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        self.owner_account_sid = self.owner_account_sid or self.sid

    @property
    def auth_token(self) -> str:
        """The primary Auth Token of the home region, US1: the one that signs webhooks."""
        return self.auth_tokens["us1"]


@dataclass
class Store:
    accounts: dict[str, Account] = field(default_factory=dict)

    def add(self, account: Account) -> Account:
        self.accounts[account.sid] = account
        return account

    def get_status(self, account: Account) -> Status:
        """The status that counts: a subaccount is suspended with its parent."""
        parent = self.accounts.get(account.owner_account_sid, account)
        return account.status if account.status != "active" or parent.status == "active" else "suspended"

    def find_key(self, key_sid: str) -> tuple[Account, ApiKey] | None:
        """The key and the account it belongs to, wherever it is; None for one that is not there."""
        for account in self.accounts.values():
            if key_sid in account.keys:
                return account, account.keys[key_sid]
        return None

    def find_number(self, phone_number: str) -> tuple[Account, IncomingPhoneNumber] | None:
        """Who owns a number in E.164, or None for a number outside the fake's accounts."""
        for account in self.accounts.values():
            for number in account.incoming_phone_numbers.values():
                if number.phone_number == phone_number:
                    return account, number
        return None
