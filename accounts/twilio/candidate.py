"""Twilio credentials that are to be proven, and what is wrong with their shape.

Everything here is found without asking Twilio. The shapes are in `shape.py`; the mistakes are the ones
people report.
"""

from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.regions import Region
from accounts.sealing.fields import Secret
from accounts.translated import Words
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.shape import (
    HEX_32,
    LABELS,
    SECRET_LENGTH_LIMIT,
    SECRET_NAMES,
    SHORTEST_SECRET,
    SID,
    SID_NAMES,
    SID_PREFIXES,
    describe,
    fits,
    may_be_shown,
    reveal,
    show,
)
from accounts.twilio.strays import MASKED, describe_stray
from accounts.verdicts.texts import SHOW_FIRST
from accounts.verdicts.verdict import Verdict, build_verdict

NOTHING = _("nothing")
SHOWN_ONCE = _("the secret that Twilio showed once, when the API key was made")


@dataclass(frozen=True)
class Candidate:
    """One set of credentials as it was typed or stored.

    Its repr shows no secret, not even one that was typed into the field of a SID.
    """

    account_sid: str
    auth_token: Secret = field(default_factory=lambda: Secret(""))
    api_key_sid: str = ""
    api_key_secret: Secret = field(default_factory=lambda: Secret(""))
    twiml_app_sid: str = ""
    region: str = Region.US1

    @classmethod
    def of(cls, credentials: TwilioCredentials) -> "Candidate":
        """The stored credentials of a person."""
        return cls(
            account_sid=credentials.account.account_sid,
            auth_token=credentials.auth_token,
            api_key_sid=credentials.api_key_sid,
            api_key_secret=credentials.api_key_secret,
            twiml_app_sid=credentials.twiml_app_sid,
            region=credentials.region,
        )

    def __repr__(self) -> str:
        shown = (f"{one.name}={show(getattr(self, one.name))}" for one in fields(self))
        return f"Candidate({', '.join(shown)})"

    @property
    def has_key(self) -> bool:
        return bool(self.api_key_sid and self.api_key_secret)


def put_in_place(candidate: Candidate) -> dict[str, str]:
    """What may go back to the page, by field: each whole SID in the field where it belongs, if that is free.

    No secret, whatever field it was typed in.
    """
    typed = {name: reveal(getattr(candidate, name)) for name in (*SID_PREFIXES, *SECRET_NAMES)}
    homes = {prefix: name for name, prefix in SID_PREFIXES.items()}
    shown = {name: typed[name] for name in SID_PREFIXES if fits(name, typed[name])}
    for name, value in typed.items():
        home = homes.get(value[:2], name) if SID.fullmatch(value) else name
        if home in SID_PREFIXES and may_be_shown(value):
            shown.setdefault(home, value)
    return {**shown, "region": candidate.region if candidate.region in Region.values else Region.US1}


def keep_stored_secrets(typed: Candidate, stored: Candidate) -> Candidate:
    """`typed`, where a secret that was left empty is the stored one, as long as its SID is the same.

    So a person who rotated one secret types that one alone.
    """
    if typed.account_sid != stored.account_sid or typed.region != stored.region:
        return typed
    has_same_key = typed.api_key_sid and typed.api_key_sid == stored.api_key_sid
    return replace(
        typed,
        auth_token=typed.auth_token or stored.auth_token,
        api_key_secret=typed.api_key_secret or (stored.api_key_secret if has_same_key else Secret("")),
    )


def put_secret(credentials: TwilioCredentials, name: str, secret: Secret) -> Candidate:
    """What is stored, with one secret replaced, by the name of its field.

    What Dog n Bone made for itself is left out: connecting finds it again, or makes it anew.
    """
    stored = Candidate.of(credentials)
    if credentials.is_twiml_app_ours:
        stored = replace(stored, twiml_app_sid="")
    if name == "api_key_secret":
        return replace(stored, api_key_secret=secret)
    if credentials.is_api_key_ours:
        stored = replace(stored, api_key_sid="", api_key_secret=Secret(""))
    return replace(stored, auth_token=secret)


def find_malformed(candidate: Candidate) -> Verdict | None:
    """What is wrong with the shape of `candidate`, or None. Never repeats a secret, only describes it."""
    if swapped := find_swapped(candidate):
        return _name_swapped(candidate, *swapped)
    for one_field in fields(candidate):
        value = getattr(candidate, one_field.name)
        if verdict := _find_malformed_field(one_field.name, value, candidate):
            return verdict
    return _find_missing(candidate) or _find_pasted_twice(candidate)


def find_swapped(candidate: Candidate) -> tuple[str, str] | None:
    """Two fields of which each holds the other's value, if there are such."""
    names = [*SID_PREFIXES, *SECRET_NAMES]
    values = {name: reveal(getattr(candidate, name)) for name in names}
    for one, other in combinations((one.name for one in fields(candidate) if one.name in names), 2):
        if not fits(one, values[one]) and fits(other, values[one]) and fits(one, values[other]):
            return one, other
        if not fits(other, values[other]) and fits(other, values[one]) and fits(one, values[other]):
            return one, other
    return None


def swap(candidate: Candidate, one: str, other: str) -> Candidate:
    """`candidate` with the values of two fields exchanged."""
    values: dict[str, Any] = {one: reveal(getattr(candidate, other)), other: reveal(getattr(candidate, one))}
    for name in SECRET_NAMES:
        if name in values:
            values[name] = Secret(values[name])
    return replace(candidate, **values)


def _name_swapped(candidate: Candidate, one: str, other: str) -> Verdict:
    seen = SID_NAMES[SID_PREFIXES[other]] if other in SID_PREFIXES else SECRET_NAMES[other]
    expected = describe_sid(SID_PREFIXES[one]) if one in SID_PREFIXES else LABELS[one]
    swapped = _("{seen}; the two fields “{one}” and “{other}” are swapped")
    return malformed(one, format_lazy(swapped, seen=seen, one=LABELS[one], other=LABELS[other]), expected)


def describe_sid(prefix: str) -> Words:
    """What belongs in the field of a SID."""
    return format_lazy(_("{prefix} and 32 characters of 0-9 and a-f"), prefix=prefix)


def _find_malformed_field(name: str, value: str | Secret, candidate: Candidate) -> Verdict | None:
    if name == "region":
        return _find_malformed_region(str(value))
    if not value:
        return None
    if isinstance(value, Secret):
        return _find_malformed_secret(name, value.reveal())
    return _find_malformed_sid(name, value)


def _find_malformed_region(value: str) -> Verdict | None:
    if value in Region.values:
        return None
    # Whatever is longer might be a secret in the wrong field.
    is_short_word = value.isalnum() and len(value) <= 12
    return malformed("region", f"“{value}”" if is_short_word else describe(value), _("one of the regions"))


def _find_malformed_sid(name: str, value: str) -> Verdict | None:
    prefix = SID_PREFIXES[name]
    if fits(name, value):
        return None
    expected = describe_sid(prefix)
    # “AC” could begin one too; Twilio's have small letters.
    if name == "account_sid" and HEX_32.fullmatch(value) and not value.startswith(prefix):
        return malformed(name, _("32 characters without a prefix, as an Auth Token looks"), expected)
    return malformed(name, describe(value, is_secret=False), expected)


def _find_malformed_secret(name: str, value: str) -> Verdict | None:
    is_opaque = name == "api_key_secret"
    expected = SHOWN_ONCE if is_opaque else _("the Auth Token: 32 characters of 0-9 and a-f")
    if SID.fullmatch(value) and value[:2] in SID_NAMES:
        return malformed(name, describe(value), expected)
    # The secret's alphabet is not documented, so only what no header could carry is refused.
    if stray := describe_stray(value, is_opaque=is_opaque):
        return malformed(name, stray, expected)
    if is_opaque:
        is_whole = SHORTEST_SECRET <= len(value) <= SECRET_LENGTH_LIMIT
    else:
        is_whole = bool(HEX_32.fullmatch(value))
    return None if is_whole else malformed(name, describe(value), expected)


def _find_missing(candidate: Candidate) -> Verdict | None:
    if not candidate.account_sid:
        return malformed("account_sid", NOTHING, describe_sid(SID_PREFIXES["account_sid"]))
    if candidate.api_key_sid and not candidate.api_key_secret:
        seen = _("nothing, though there is an API key SID")
        return malformed("api_key_secret", seen, _("that key's secret"))
    if candidate.api_key_secret and not candidate.api_key_sid:
        seen = _("nothing, though there is an API key secret")
        return malformed("api_key_sid", seen, _("that key's SID"))
    if not candidate.auth_token and not candidate.has_key:
        expected = _("the Auth Token, or else an API key with its secret below")
        return malformed("auth_token", NOTHING, expected)
    return None


def _find_pasted_twice(candidate: Candidate) -> Verdict | None:
    if candidate.auth_token and candidate.auth_token == candidate.api_key_secret:
        return malformed("api_key_secret", _("the same value as the Auth Token"), SHOWN_ONCE)
    return None


def malformed(name: str, seen: Words, expected: Words) -> Verdict:
    """`malformed`: the field `name` holds `seen`, where `expected` belongs."""
    verdict = build_verdict("malformed", field=name, label=LABELS[name], seen=seen, expected=expected)
    if seen is not MASKED:
        return verdict
    return replace(verdict, text=replace(verdict.text, remedy=SHOW_FIRST))
