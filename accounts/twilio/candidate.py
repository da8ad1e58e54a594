"""Twilio credentials that are to be proven, and what is wrong with their shape.

Everything here is found without asking Twilio. The shapes are those of Twilio's OpenAPI
specification; the mistakes are the ones people report.
"""

import re
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from typing import Any

from accounts.masking import mask_sid
from accounts.regions import Region
from accounts.sealing.fields import Secret
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.strays import (
    MASKED,
    count_characters,
    describe_places,
    describe_stray,
)
from accounts.verdicts.verdict import Verdict, build_verdict

# Twilio's secrets have 32 characters; nothing much longer is one, and no header would carry it.
SECRET_LENGTH_LIMIT = 200

LABELS = {
    "account_sid": "Account SID",
    "auth_token": "Auth Token",
    "api_key_sid": "API key SID",
    "api_key_secret": "API key secret",
    "twiml_app_sid": "TwiML App SID",
    "region": "Region",
}
SID_PREFIXES = {"account_sid": "AC", "api_key_sid": "SK", "twiml_app_sid": "AP"}
SID_NAMES = {
    "AC": "an Account SID",
    "SK": "an API key SID",
    "AP": "a TwiML App SID",
    "PN": "a phone number's SID",
    "OQ": "the client ID of an OAuth app",
    "CA": "a call's SID",
    "MG": "a messaging service's SID",
}
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
SID_LIKE = re.compile(r"[A-Z]{2}[0-9A-Za-z]{0,38}")
HEX_32 = re.compile(r"[0-9a-fA-F]{32}")
ALPHANUMERIC_32 = re.compile(r"[0-9A-Za-z]{32}")
# Half of what Twilio's have: whatever is shorter is a part of one, or something else.
SHORTEST_SECRET = 16
SECRET_NAMES = {"auth_token": "an Auth Token", "api_key_secret": "an API key secret"}
SID_TO_HOME = {prefix: LABELS[name] for name, prefix in SID_PREFIXES.items()}


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


def show(value: str | Secret) -> str:
    """For logs: a SID as its last four characters, anything else by what it looks like."""
    if isinstance(value, Secret):
        return repr(value)
    return mask_sid(value) if SID.fullmatch(value) else describe(value)


def may_be_shown(value: str) -> bool:
    """Whether a value typed for a SID may go back to the page: it might be a secret in the wrong field."""
    return bool(SID_LIKE.fullmatch(value)) and value[:2] in SID_NAMES


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


def fits(name: str, value: str) -> bool:
    """Whether `value` has the shape of what belongs in the field `name`."""
    if name in SID_PREFIXES:
        return bool(SID.fullmatch(value)) and value.startswith(SID_PREFIXES[name])
    return bool((HEX_32 if name == "auth_token" else ALPHANUMERIC_32).fullmatch(value))


def reveal(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _name_swapped(candidate: Candidate, one: str, other: str) -> Verdict:
    seen = SID_NAMES[SID_PREFIXES[other]] if other in SID_PREFIXES else SECRET_NAMES[other]
    expected = f"{SID_PREFIXES[one]} and 32 characters of 0-9 and a-f" if one in SID_PREFIXES else LABELS[one]
    return malformed(
        one, f"{seen}; the two fields “{LABELS[one]}” and “{LABELS[other]}” are swapped", expected
    )


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
    return malformed("region", f"“{value}”" if is_short_word else describe(value), "one of the regions")


def _find_malformed_sid(name: str, value: str) -> Verdict | None:
    prefix = SID_PREFIXES[name]
    if fits(name, value):
        return None
    expected = f"{prefix} and 32 characters of 0-9 and a-f"
    # “AC” could begin one too; Twilio's have small letters.
    if name == "account_sid" and HEX_32.fullmatch(value) and not value.startswith(prefix):
        return malformed(name, "32 characters without a prefix, as an Auth Token looks", expected)
    return malformed(name, describe(value, is_secret=False), expected)


def _find_malformed_secret(name: str, value: str) -> Verdict | None:
    is_opaque = name == "api_key_secret"
    expected = (
        "the secret that Twilio showed once, when the API key was made"
        if is_opaque
        else "the Auth Token: 32 characters of 0-9 and a-f"
    )
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
        return malformed("account_sid", "nothing", "AC and 32 characters of 0-9 and a-f")
    if candidate.api_key_sid and not candidate.api_key_secret:
        return malformed("api_key_secret", "nothing, though there is an API key SID", "that key's secret")
    if candidate.api_key_secret and not candidate.api_key_sid:
        return malformed("api_key_sid", "nothing, though there is an API key secret", "that key's SID")
    if not candidate.auth_token and not candidate.has_key:
        return malformed("auth_token", "nothing", "the Auth Token, or else an API key with its secret below")
    return None


def _find_pasted_twice(candidate: Candidate) -> Verdict | None:
    if candidate.auth_token and candidate.auth_token == candidate.api_key_secret:
        return malformed(
            "api_key_secret",
            "the same value as the Auth Token",
            "the secret that Twilio showed once, when the API key was made",
        )
    return None


def describe(value: str, *, is_secret: bool = True) -> str:
    """What was typed, recognisable to the person and useless to anybody else."""
    if SID.fullmatch(value) and value[:2] in SID_NAMES:
        home = SID_TO_HOME.get(value[:2])
        return SID_NAMES[value[:2]] + (f", which belongs in “{home}”" if home else "")
    if stray := describe_stray(value):
        return stray
    length = count_characters(value)
    begins_like_sid = value[:2].upper() in SID_NAMES
    if begins_like_sid:
        length += f", the first two being {value[:2]}"
    right_length = (34, 2) if begins_like_sid else (32, 0)
    if len(value) != right_length[0]:
        return length
    # A secret in the field of a SID is one all the same.
    is_secret = is_secret or not may_be_shown(value)
    places = describe_places(value, begins_at=right_length[1], is_secret=is_secret)
    return f"{length}, but {places}" if places else length


def malformed(name: str, seen: str, expected: str) -> Verdict:
    """`malformed`: the field `name` holds `seen`, where `expected` belongs."""
    verdict = build_verdict("malformed", field=name, label=LABELS[name], seen=seen, expected=expected)
    if seen != MASKED:
        return verdict
    return replace(
        verdict, remedy=f"Choose “Show” beside it in Twilio's console first, then copy {expected}."
    )
