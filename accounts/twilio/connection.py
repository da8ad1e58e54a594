"""Connecting a person's Twilio account, and taking the connection apart.

Only what is proven is stored. What is replaced stays until its successor is proven and stored.
No request to Twilio is made inside a database transaction.
"""

import threading
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import ClientInfo
from accounts.company.deciding import tell_of_asking
from accounts.company.memberships import end_phones_on, get_membership, list_people_on, lock_account
from accounts.failures.login_failures import LoginFailure
from accounts.failures.recording import record_login_failure
from accounts.people import User
from accounts.push import CREDENTIALS_CHANGED, push_to_user
from accounts.translated import Words
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import ask_key, best_login, is_key_accepted, key_login, token_login
from accounts.twilio.credentials import PROOF_LIFETIME, TwilioAccount, TwilioCredentials
from accounts.twilio.errands import begin_clearing, begin_numbers, get_apps_being_removed
from accounts.twilio.ladder import CheckResult, verify_credentials
from accounts.twilio.notices import take_back
from accounts.twilio.rest import TwilioLogin
from accounts.twilio.setup import (
    SetupFailed,
    find_twiml_app,
    make_api_key,
    make_twiml_app,
    remove_api_key,
    remove_twiml_app,
)
from accounts.twilio.shape import may_be_shown
from accounts.twilio.shares import ShareTaken
from accounts.twilio.side_by_side import ask_side_by_side
from accounts.twilio.trial import keep_account_facts
from accounts.verdicts.verdict import Verdict, build_unreachable_verdict

FORGOTTEN = _("Dog n Bone has forgotten your Twilio credentials.")
BEING_REMOVED = _("What it made in the Twilio account is being removed.")


@dataclass(frozen=True)
class Connection:
    """What became of an attempt to connect; `made` says in sentences what was done at Twilio."""

    verdict: Verdict
    made: list[Words] = field(default_factory=list)


@dataclass
class Parts:
    """The credentials as they will be stored, and which of them Dog n Bone made just now."""

    candidate: Candidate
    is_api_key_ours: bool = False
    is_twiml_app_ours: bool = False
    is_api_key_new: bool = False
    is_twiml_app_new: bool = False
    # Not put into words yet: a thread of its own makes the key, and speaks no language.
    said_of_api_key: Words = ""
    said_of_twiml_app: Words = ""
    leaves_numbers: bool = False
    filling: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fill_in(self, **values: Any) -> None:
        """Fills in fields of the candidate; key and app are made side by side."""
        with self.filling:
            self.candidate = replace(self.candidate, **values)

    @property
    def said(self) -> list[Words]:
        """What was done at Twilio, in sentences."""
        return [words for words in (self.said_of_api_key, self.said_of_twiml_app) if words]


def connect_twilio(
    *, user: User, candidate: Candidate, client: ClientInfo, leaves_numbers: bool = False
) -> Connection:
    """Proves `candidate`, makes what is missing, and stores it as the person's credentials.

    `leaves_numbers`: numbers that nobody answers are not pointed here either.
    Anything but `ok` stores nothing and leaves what was connected before as it was.
    """
    known = TwilioAccount.objects.filter(account_sid=candidate.account_sid).first()
    result = verify_credentials(candidate, voice_url=known.voice_url if known else "")
    if not result.verdict.is_ok:
        return record_failed_connect(user, candidate, result.verdict, client)
    previous = TwilioCredentials.objects.select_related("account").filter(user=user).first()
    account = get_account(candidate, result)
    parts = Parts(candidate, leaves_numbers=leaves_numbers)
    try:
        complete(parts, account, result, previous)
        store(user, account, parts, client)
    except SetupFailed as error:
        remove_new(parts)
        return record_failed_connect(user, candidate, error.verdict, client)
    except Exception:
        # Whatever stopped it, nothing that nobody knows of stays in the person's account.
        remove_new(parts)
        raise
    record_account_event(
        kind=AccountEvent.Kind.CONNECTED, user=user, account_sid=account.account_sid, client=client
    )
    return Connection(result.verdict, parts.said)


def record_failed_connect(
    user: User, candidate: Candidate, verdict: Verdict, client: ClientInfo
) -> Connection:
    record_login_failure(
        shown_by=LoginFailure.ShownBy.CHECK,
        verdict=verdict,
        user=user,
        account_sid=describe_account(candidate),
        client=client,
    )
    return Connection(verdict)


def describe_account(candidate: Candidate) -> str:
    """What was typed as Account SID, for the record, unless it might be a secret in the wrong field."""
    return candidate.account_sid if may_be_shown(candidate.account_sid) else ""


def get_account(candidate: Candidate, result: CheckResult) -> TwilioAccount:
    """The tenant, by an Account SID that has just been proven."""
    account, _ = TwilioAccount.objects.get_or_create(account_sid=candidate.account_sid)
    keep_account_facts(account, result)
    return account


def complete(
    parts: Parts, account: TwilioAccount, result: CheckResult, previous: TwilioCredentials | None
) -> None:
    """Makes the API key and the TwiML App where the fields are empty and the account permits it.

    Neither needs the other, so both are asked for side by side. Raises SetupFailed; `parts` then says
    all the same what was made.
    """
    if previous and not is_same_place(previous, account, parts.candidate):
        previous = None
    if previous and previous.api_key_sid == parts.candidate.api_key_sid:
        parts.is_api_key_ours = previous.is_api_key_ours
    if previous and previous.twiml_app_sid == parts.candidate.twiml_app_sid:
        parts.is_twiml_app_ours = previous.is_twiml_app_ours
    missing = {}
    if not parts.candidate.has_key:
        missing["API key"] = partial(complete_api_key, parts, parts.candidate, previous)
    if not parts.candidate.twiml_app_sid:
        login, voice_url = best_login(parts.candidate), account.voice_url
        going = get_apps_being_removed(account)
        missing["TwiML App"] = partial(complete_twiml_app, parts, login, voice_url, going)
    try:
        ask_side_by_side(account.account_sid, missing)
    except ShareTaken as error:
        raise SetupFailed(build_unreachable_verdict(error.which)) from None


def is_same_place(previous: TwilioCredentials, account: TwilioAccount, candidate: Candidate) -> bool:
    return previous.account_id == account.pk and previous.region == candidate.region


def complete_api_key(parts: Parts, candidate: Candidate, previous: TwilioCredentials | None) -> None:
    if previous and previous.is_api_key_ours and previous.api_key_sid:
        earlier = replace(candidate, api_key_sid=previous.api_key_sid, api_key_secret=previous.api_key_secret)
        if earlier.has_key and is_key_accepted(ask_key(key_login(earlier)), candidate.account_sid):
            parts.fill_in(api_key_sid=earlier.api_key_sid, api_key_secret=earlier.api_key_secret)
            parts.is_api_key_ours = True
            parts.said_of_api_key = _("The API key that Dog n Bone made before still works and stays in use.")
            return
    key = make_api_key(token_login(candidate))
    if key is None:
        parts.said_of_api_key = _(
            "Twilio made no API key for this account, so calls run on its Auth Token alone."
        )
        return
    parts.fill_in(api_key_sid=key.sid, api_key_secret=key.secret)
    parts.is_api_key_ours = parts.is_api_key_new = True
    parts.said_of_api_key = _("Dog n Bone made an API key, named “Dog n Bone”, in your Twilio account.")


def complete_twiml_app(parts: Parts, login: TwilioLogin, voice_url: str, going: frozenset[str]) -> None:
    """`going`: TwiML Apps that a worker is about to remove."""
    found = find_twiml_app(login, voice_url)
    if found and found not in going:
        sid = found
        parts.said_of_twiml_app = _("The TwiML App that Dog n Bone made before stays in use.")
    elif sid := make_twiml_app(login, voice_url):
        parts.is_twiml_app_new = True
        parts.said_of_twiml_app = _(
            "Dog n Bone made a TwiML App, named “Dog n Bone”, in your Twilio account."
        )
    else:
        parts.said_of_twiml_app = _(
            "Twilio made no TwiML App for this account. Without one this phone can be called, "
            "but cannot call. Upgrade the account, then connect again."
        )
        return
    parts.fill_in(twiml_app_sid=sid)
    parts.is_twiml_app_ours = True


@transaction.atomic
def store(user: User, account: TwilioAccount, parts: Parts, client: ClientInfo) -> None:
    """Stores the proven credentials. The numbers, and what the old ones leave, are a worker's errands."""
    # One connection of a person at a time; rows that merely point at the person may be written meanwhile.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    credentials = (
        TwilioCredentials.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(user=user)
        .first()
    )
    if credentials:
        take_back(credentials)
        if leaves_something(credentials, account, parts.candidate):
            begin_clearing(credentials)
    credentials = credentials or TwilioCredentials(user=user)
    candidate, now = parts.candidate, timezone.now()
    credentials.account = account
    credentials.auth_token = candidate.auth_token
    credentials.api_key_sid = candidate.api_key_sid
    credentials.api_key_secret = candidate.api_key_secret
    credentials.twiml_app_sid = candidate.twiml_app_sid
    credentials.region = candidate.region
    credentials.is_api_key_ours = parts.is_api_key_ours
    credentials.is_twiml_app_ours = parts.is_twiml_app_ours
    credentials.leaves_numbers = parts.leaves_numbers
    credentials.verdict, credentials.checked_at, credentials.proven_until = "ok", now, now + PROOF_LIFETIME
    credentials.proof_version += 1
    credentials.stopped_at, credentials.stopped_verdict, credentials.owner_told_at = None, "", None
    before = get_membership(user)
    credentials.save()
    tell_of_asking(before=before, now=get_membership(user), client=client)
    begin_numbers(credentials)
    for person in list_people_on(credentials):
        push_to_user(person.pk, CREDENTIALS_CHANGED)


def leaves_something(old: TwilioCredentials, account: TwilioAccount, new: Candidate) -> bool:
    """Whether something was made for the old credentials that the new ones do not use."""
    return (
        old.account_id != account.pk
        or (old.is_api_key_ours and old.api_key_sid != new.api_key_sid)
        or (old.is_twiml_app_ours and old.twiml_app_sid != new.twiml_app_sid)
    )


def remove_new(parts: Parts) -> None:
    """Takes back what was made for a connection that did not come about."""
    if parts.is_twiml_app_new:
        remove_twiml_app(best_login(parts.candidate), parts.candidate.twiml_app_sid)
    if parts.is_api_key_new:
        remove_api_key(token_login(parts.candidate), parts.candidate.api_key_sid)


def disconnect_twilio(*, user: User) -> list[Words]:
    """Forgets the person's credentials at once; a worker gives numbers back and removes what was made.

    Returns what was done, in sentences. Asks Twilio nothing, so that it may be done in any transaction.
    """
    with transaction.atomic():
        # The account first, as everybody takes them: who comes and who goes are one after the other.
        lock_account(TwilioCredentials.objects.filter(user=user).values_list("account", flat=True).first())
        credentials = (
            TwilioCredentials.objects.select_for_update(of=("self",))
            .select_related("account")
            .filter(user=user)
            .first()
        )
        if credentials is None:
            return []
        take_back(credentials)
        has_left_something = begin_clearing(credentials)
        end_phones_on(credentials)
        credentials.delete()
        record_account_event(
            kind=AccountEvent.Kind.DISCONNECTED, user=user, account_sid=credentials.account.account_sid
        )
    return [FORGOTTEN, BEING_REMOVED] if has_left_something else [FORGOTTEN]
