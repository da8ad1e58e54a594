"""What a refusal of Twilio's speaks of, by its words alone.

Twilio's wording is no contract, so what is looked for are the words that a thing cannot be named
without, in whatever sentence they stand. Only a sentence about authentication may ever be held
against what was typed; one that also speaks of a limit, a permission or the account's state may not.
"""

import re
from collections.abc import Sequence
from typing import Literal

Subject = Literal[
    # The account's state.
    "closed",
    "suspended",
    "not_active",
    "under_review",
    "trial",
    # What was sent.
    "test_credentials",
    "not_sent",
    "user_name",
    "api_key",
    "auth_token",
    "credentials",
    "authentication",
    # None of these; and no words, or none but the name of the HTTP status.
    "other",
    "nothing",
]

STATES: frozenset[Subject] = frozenset({"closed", "suspended", "not_active", "under_review", "trial"})


def either(*patterns: str) -> str:
    """One of `patterns`, as whole words."""
    return rf"\b(?:{'|'.join(patterns)})\b"


# Twilio writes AccountSid and Auth Token, others user_name, user-name, username.
SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-\s]+")
STATUS_NAMES = re.compile(
    r"(?:[\d\s./:,!()]|http|unauthori[sz]ed|forbidden|bad request|(?:unknown )?error|status|code)*"
)
# No word before it, because of "isn't", "doesn't".
NOT = r"(?:\bnot|n'?t|\bnever|\bno longer) (?:\w+ )?"

# The account's state.
ACCOUNT = r"\b(?:sub ?)?accounts?\b(?! (?:sid|name|id)\b)"
# "This feature is disabled for your account" is not about the account, so the account comes first.
OTHER_THINGS = either("(?:feature|service|resource|product|method|password|login|token|key)s?")
OF_ACCOUNT = rf"{ACCOUNT}(?:(?!{OTHER_THINGS})[^.;])*?"
HEDGED = either(
    "may (?:not )?(?:be|have)", "might", "could be", "if", "whether", "check", "ensure", "make sure", "unless"
)
CLOSED = (
    rf"(?<!connection )(?<!socket )\bclosed\b|{OF_ACCOUNT}{either('terminated', 'closure')}"
    rf"|\bterminated {ACCOUNT}"
)
SUSPENDED = either("suspended", "suspension")
IDLE = (
    rf"(?:{NOT}active|\binactive|\bdeactivated|\bdisabled|\blocked|\bfrozen|\bblocked|\bbanned|\bon hold)\b"
)
NOT_ACTIVE = rf"{OF_ACCOUNT}{IDLE}|{IDLE} {ACCOUNT}"
REVIEW_OF = either("under", "pending", "awaiting", "undergoing", "in", "needs", "requires", "for", "being")
UNDER_REVIEW = (
    rf"{REVIEW_OF} (?:an? |the |our )?(?:\w+ )?review(?:ed)?\b"
    rf"|\breview (?:of [^.;]*?{ACCOUNT} )?(?:is |has )?(?:not |still )?"
    r"(?:pending|in progress|required|complete)"
    rf"|{OF_ACCOUNT}{either('pending', 'awaiting')} {either('approval', 'verification')}"
    rf"|{ACCOUNT} (?:verification|approval) (?:is )?(?:still )?{either('pending', 'in progress')}|"
    + either("policy evaluation", "compliance profile", "kyc", "trust hub")
)
TRIAL = rf"\btrial\b|\bupgrade\b[^.;]*{ACCOUNT}|{ACCOUNT}[^.;]*\bupgraded?\b"

# What was sent, or was not.
TEST_CREDENTIALS = either("test (?:account )?credentials?", "test (?:auth )?tokens?", "test accounts?")
SENT = r"(?:credentials?|authori[sz]ation|authentication|auth)(?: headers?| details| information)?"
ARRIVED = either("provided", "supplied", "sent", "given", "present", "found", "received", "included")
MISSED = either("missing", "without")
NOT_SENT = (
    rf"\bno {SENT} (?:\w+ )?{ARRIVED}|\bno {SENT}$|\b{SENT} (?:(?:is|are|was|were) )?(?:missing|absent)\b"
    rf"|\b{SENT} (?:(?:is|are|was|were) )?{NOT}{ARRIVED}"
    rf"|{either('missing', 'without')} (?:the |any )?{SENT}\b"
)

# Reasons to refuse that no other secret would change.
FAILED_TO = "(?:could not|couldn't|cannot|can't|can not|(?:failed|unable) to)"
BROKE = "(?:is |are |was |has |have )?(?:down|failed|failure|errors?|trouble|not responding|offline)"
NOT_THE_SECRET = NOT + either("allowed", "permitted", "enabled", "available", "entitled", "approved") + "|"
NOT_THE_SECRET += either(
    *("too many", "attempts?", "limit(?:s|ed)?", "quota", "rate", "later", "temporar\\w+", "pending"),
    *("permi(?:ssions?|tted)", "assertions?", "scopes?", "polic(?:y|ies)", "terms", "fraud\\w*", "abuse"),
    *("ips?", "address(?:es)?", "networks?", "countr(?:y|ies)", "features?", "unavailable", "maintenance"),
    *("payments?", "billing", "balance", "funds?", "unpaid", "overdue", "past due"),
    *("locked", "disabled", "deactivated", "on hold", "frozen", "blocked", "banned", "terminated"),
    *("suspen\\w+", "single sign", "sso", "second factor", "two factor", "mfa", "oauth", "bearer"),
    "(?:must|ha(?:s|ve) to|needs? to) be (?:changed|reset|renewed|replaced)",
    # Whoever should have looked at the secret did not come to it.
    *("timed out", "time ?outs?", "internal", "unexpected", "overload\\w*", "degraded", "outage", "busy"),
    *("try again in", "right now", "at (?:this|the|that) (?:time|moment)", "at present"),
    *("backend", "upstream", "subsystem", "server error", "something went wrong"),
    "(?:error|status|code|http|returned) 5\\d\\d",
    f"{FAILED_TO} (?:reach|contact|connect|process|complete)\\w*",
    f"auth\\w* (?:servers?|services?|systems?|providers?) {BROKE}",
)
GONE = rf"(?:{NOT}(?:found|exist|valid|recogni[sz]ed|known)|\bunknown|\binvalid|\bincorrect|\bunrecogni[sz]ed"
GONE += r"|\bdeleted|\brevoked)\b"
MISSING = either(
    *("invalid", "unknown", "unrecogni[sz]ed", "incorrect", "wrong", "bad", "no such", "deleted", "revoked"),
    *("cannot find", "could not find"),
)
WRONG = f"{MISSING}|{GONE}|{NOT}(?:match|correct|know|accept|authenticate|verif|belong)|" + either(
    *("mismatch\\w*", "rejected", "refused", "expired", "rotated", "fail(?:ed|ure|s)?", "unable"),
    *("cannot", "can'?t", "could not", "couldn'?t"),
)
USER = r"(?:user ?names?|users?|account sids?|sids?|accounts?)"
USER_NAME = rf"{MISSING} (?:\w+ )?{USER}\b|\b{USER}\b[^.;]*{GONE}|{NOT}know (?:this|that|the|your) {USER}\b"
KEY = r"(?:api )?keys?(?: sids?)?"
API_KEY = rf"{MISSING} (?:\w+ )?{KEY}\b|\b{KEY}\b[^.;]*{GONE}"
SECRETS = either("passwords?", "passwd", "tokens?", "secrets?", "credentials?")
TOKEN_ALONE = either("auth(?:entication)? ?tokens?", "passwords?", "secrets?")
USER_TOO = either("user ?names?", "account sids?", "sids?", "credentials?", "api keys?")
AUTHENTICATION = f"{SECRETS}|" + either(
    *("auth", "authenticat\\w*", "user ?names?", "account sids?"),
    *("log ?ins?", "logged in", "log you in", "sign ?ins?", "sign you in"),
)


def read_subject(message: str) -> Subject:
    """What `message` speaks of; of several things, the one that says most."""
    text = smooth(message)
    if STATUS_NAMES.fullmatch(text):
        return "nothing"
    told = leave_out_hedged(text)
    return read_state(told) or read_credential(told or text) or "other"


def choose_sentence(messages: Sequence[str]) -> str:
    """The one of an answer's texts that says most of the cause: the account's state, then whatever keeps
    the secret from being the cause. "" where there is none."""
    return min(filter(None, messages), key=rank_sentence, default="")


def rank_sentence(message: str) -> int:
    subject = read_subject(message)
    if subject in STATES:
        return 0
    if subject == "other":
        return 1 if has(NOT_THE_SECRET, leave_out_hedged(smooth(message))) else 3
    return 4 if subject == "nothing" else 2


def smooth(message: str) -> str:
    """In small letters, with a space for each seam between two words."""
    return SEAM.sub(" ", message.replace("’", "'")).strip().lower()


def leave_out_hedged(text: str) -> str:
    """Without what only may be so: "check that the account is not suspended" names no cause."""
    if not has(HEDGED, text):
        return text
    return ". ".join(part for part in re.split(r"[.:;!?](?:\s|$)", text) if not has(HEDGED, part))


def read_state(text: str) -> Subject | None:
    """The account's state; None where none is named."""
    is_closed, is_suspended = has(CLOSED, text), has(SUSPENDED, text) and is_of_account(text)
    if is_closed and is_suspended:
        return "not_active"
    if is_closed and is_of_account(text):
        return "closed"
    if is_suspended:
        return "suspended"
    if has(UNDER_REVIEW, text):
        return "under_review"
    if has(TRIAL, text):
        return "trial"
    return "not_active" if has(NOT_ACTIVE, text) else None


def is_of_account(text: str) -> bool:
    """Whether what is closed or suspended is not a key, a number or a feature instead."""
    return has(ACCOUNT, text) or not has(rf"{OTHER_THINGS}|\bnumbers?\b", text)


def read_credential(text: str) -> Subject | None:
    """What of the credentials a text is about; None where it is about something else."""
    if has(TEST_CREDENTIALS, text):
        return "test_credentials"
    if has(NOT_SENT, text):
        return "not_sent"
    if has(NOT_THE_SECRET, text):
        return None
    if not has(SECRETS, text):
        if has(API_KEY, text):
            return "api_key"
        if has(USER_NAME, text):
            return "user_name"
    if text.strip(" .!") == "authenticate" or has(TOKEN_ALONE, text) and not has(USER_TOO, text):
        # Twilio's word for a known user name with another secret; or a sentence that names the secret.
        return "auth_token" if has(WRONG, text) or "authenticate" in text else "authentication"
    if has(AUTHENTICATION, text):
        return "credentials" if has(WRONG, text) else "authentication"
    return None


def has(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def is_same_sentence(one: str, other: str) -> bool:
    """Whether two refusals say the same, whatever numbers and SIDs they name."""
    plain = [re.sub(r"\b\w*\d\w*\b|[\W_]+", " ", text).strip().lower() for text in (one, other)]
    return plain[0] == plain[1]
