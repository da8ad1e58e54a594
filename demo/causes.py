"""What makes a login or a call fail, each with how it begins, how it ends, and how to see that it is there.

Whether a cause is there is read from the fake Twilio, never remembered: so that what a colleague began
is seen, and what the connect page repaired is over.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import urljoin

from django.conf import settings

from accounts.regions import Region
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from accounts.twilio.rest import TwilioUnreachable, fetch
from demo import controls
from fake_twilio import catalogue

Reach = Literal["own", "account", "browser"]
ELSEWHERE = "https://phone.example.com/voice"
# What the fields of an account are while nothing is rehearsed.
NORMAL: Mapping[str, Any] = {
    "status": "active",
    "suspended_variant": "",
    "is_under_review": False,
    "rest_fault": "",
    "gateway_fault": "",
    "call_fault": "",
}


@dataclass(frozen=True)
class Stage:
    """Whose rehearsal it is, what the fake shows of their account, and what their browser plays."""

    credentials: TwilioCredentials
    account: Mapping[str, Any] = field(repr=False)
    in_browser: str = ""

    @classmethod
    def of(cls, credentials: TwilioCredentials, *, in_browser: str = "") -> "Stage":
        account = controls.fetch_account(credentials.account.account_sid)
        return cls(credentials, account, in_browser)

    @property
    def account_sid(self) -> str:
        return self.credentials.account.account_sid

    @property
    def key_fingerprint(self) -> str | None:
        """Of this person's API key in the fake; None where it has no such key."""
        for key in self.account["keys"]:
            if key["sid"] == self.credentials.api_key_sid:
                return str(key["secret_fingerprint"])
        return None

    @property
    def voice_url(self) -> str | None:
        """Where this person's TwiML App in the fake leads; None where there is no such app."""
        for app in self.account["applications"]:
            if app["sid"] == self.credentials.twiml_app_sid:
                return str(app.get("voice_url", ""))
        return None


class Cause(ABC):
    """`needs` names the credential that has to be there; `reach` says who feels it."""

    needs: ClassVar[str] = ""
    reach: ClassVar[Reach] = "account"

    def is_possible(self, credentials: TwilioCredentials) -> bool:
        return not self.needs or bool(getattr(credentials, self.needs))

    @abstractmethod
    def is_on(self, stage: Stage) -> bool: ...

    @abstractmethod
    def begin(self, stage: Stage) -> None: ...

    @abstractmethod
    def end(self, stage: Stage) -> None: ...


@dataclass(frozen=True)
class KeyRotated(Cause):
    """The secret of this person's own API key is another one."""

    needs: ClassVar[str] = "api_key_sid"
    reach: ClassVar[Reach] = "own"

    def is_on(self, stage: Stage) -> bool:
        known = controls.fingerprint(stage.credentials.api_key_secret.reveal())
        return stage.key_fingerprint not in (None, known)

    def begin(self, stage: Stage) -> None:
        controls.rotate_key(stage.account_sid, stage.credentials.api_key_sid)

    def end(self, stage: Stage) -> None:
        bring_back_key(stage)


@dataclass(frozen=True)
class KeyDeleted(Cause):
    needs: ClassVar[str] = "api_key_sid"
    reach: ClassVar[Reach] = "own"

    def is_on(self, stage: Stage) -> bool:
        return bool(stage.credentials.api_key_sid) and stage.key_fingerprint is None

    def begin(self, stage: Stage) -> None:
        controls.delete_key(stage.account_sid, stage.credentials.api_key_sid)

    def end(self, stage: Stage) -> None:
        bring_back_key(stage)


def bring_back_key(stage: Stage) -> None:
    """Dog n Bone still holds the secret that the key had."""
    held = stage.credentials
    controls.put_key(
        stage.account_sid, held.api_key_sid, secret=held.api_key_secret.reveal(), region=held.region
    )


@dataclass(frozen=True)
class TokenRotated(Cause):
    """The account's Auth Token is another one."""

    needs: ClassVar[str] = "auth_token"

    def is_on(self, stage: Stage) -> bool:
        held = stage.credentials
        if not held.auth_token or held.region != Region.US1:
            return False
        return stage.account["auth_token_fingerprint"] != controls.fingerprint(held.auth_token.reveal())

    def begin(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, auth_token="new")

    def end(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, auth_token=stage.credentials.auth_token.reveal())


@dataclass(frozen=True)
class AppLeads(Cause):
    """Somebody has changed the Voice URL of the TwiML App, as one does in Twilio's console.

    `address` may begin with a path, and is then on this server.
    """

    address: str
    needs: ClassVar[str] = "twiml_app_sid"

    @property
    def voice_url(self) -> str:
        return urljoin(settings.PUBLIC_URL, self.address) if self.address else ""

    def is_on(self, stage: Stage) -> bool:
        return stage.voice_url == self.voice_url

    def begin(self, stage: Stage) -> None:
        change_voice_url(stage, self.voice_url)

    def end(self, stage: Stage) -> None:
        change_voice_url(stage, stage.credentials.account.voice_url)


def change_voice_url(stage: Stage, voice_url: str) -> None:
    """Over Twilio's own REST API. Raises FakeSilent where that refuses."""
    login = best_login(Candidate.of(stage.credentials))
    path = f"/Applications/{stage.credentials.twiml_app_sid}.json"
    try:
        answer = fetch(login, path, method="POST", data={"VoiceUrl": voice_url})
    except TwilioUnreachable as error:
        raise controls.FakeSilent(f"The TwiML App: {error.which}") from None
    if not answer.is_success:
        raise controls.FakeSilent(f"The TwiML App: HTTP {answer.status}")


@dataclass(frozen=True)
class AppLeadsToTls(AppLeads):
    """To where `address` is, by https, which this server does not speak."""

    @property
    def voice_url(self) -> str:
        return urljoin(settings.PUBLIC_URL, self.address).replace("http://", "https://", 1)


@dataclass(frozen=True)
class AppGone(Cause):
    """Somebody has deleted the TwiML App: tokens that name it register, and make no calls."""

    needs: ClassVar[str] = "twiml_app_sid"

    def is_on(self, stage: Stage) -> bool:
        return stage.credentials.twiml_app_sid in stage.account["set_aside"]

    def begin(self, stage: Stage) -> None:
        controls.take_away(stage.account_sid, stage.credentials.twiml_app_sid)

    def end(self, stage: Stage) -> None:
        controls.bring_back(stage.account_sid, stage.credentials.twiml_app_sid)


@dataclass(frozen=True)
class CallerIdsGone(Cause):
    """The numbers that were verified with the account are so no more; Dog n Bone has not heard of it."""

    def is_possible(self, credentials: TwilioCredentials) -> bool:
        return bool(list_verified(credentials))

    def is_on(self, stage: Stage) -> bool:
        return any(sid in stage.account["set_aside"] for sid in list_verified(stage.credentials))

    def begin(self, stage: Stage) -> None:
        for sid in list_verified(stage.credentials):
            controls.take_away(stage.account_sid, sid)

    def end(self, stage: Stage) -> None:
        for sid in list_verified(stage.credentials):
            if sid in stage.account["set_aside"]:
                controls.bring_back(stage.account_sid, sid)


def list_verified(credentials: TwilioCredentials) -> list[str]:
    numbers = credentials.account.phone_numbers.filter(kind=PhoneNumber.Kind.VERIFIED)
    return list(numbers.values_list("sid", flat=True))


@dataclass(frozen=True)
class OnTrial(Cause):
    """The account is a trial one; not of an account that always was."""

    def is_possible(self, credentials: TwilioCredentials) -> bool:
        return credentials.account.account_sid != catalogue.account_sid("trial")

    def is_on(self, stage: Stage) -> bool:
        return self.is_possible(stage.credentials) and stage.account["type"] == "Trial"

    def begin(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, type="Trial")

    def end(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, type="Full")


@dataclass(frozen=True)
class Nothing(Cause):
    """Nothing has to be put in place: it is enough to dial."""

    def is_possible(self, credentials: TwilioCredentials) -> bool:
        return False

    def is_on(self, stage: Stage) -> bool:
        return False

    def begin(self, stage: Stage) -> None:
        """Nothing happens."""

    def end(self, stage: Stage) -> None:
        """Nothing happens."""


@dataclass(frozen=True)
class AccountChanged(Cause):
    """Fields of the account in the fake, such as its status or a fault of the gateway's for it."""

    fields: Mapping[str, Any]

    def is_on(self, stage: Stage) -> bool:
        return all(stage.account[name] == value for name, value in self.fields.items())

    def begin(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, **self.fields)

    def end(self, stage: Stage) -> None:
        controls.change_account(stage.account_sid, **{name: NORMAL[name] for name in self.fields})


@dataclass(frozen=True)
class InBrowser(Cause):
    """Played by `rehearsal.js` in this browser, which is told by the page and by the panel."""

    part: str
    reach: ClassVar[Reach] = "browser"

    def is_on(self, stage: Stage) -> bool:
        return stage.in_browser == self.part

    def begin(self, stage: Stage) -> None:
        """Nothing happens on this side."""

    def end(self, stage: Stage) -> None:
        """Nothing happens on this side."""
