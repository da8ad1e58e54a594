"""Proving stored credentials again before each use, and ending a proof that something speaks against.

No request to Twilio is made inside a database transaction.
"""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from accounts.clients import ClientInfo
from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.standing import settle_check, take_over
from accounts.twilio.trial import keep_account_facts
from accounts.verdicts.verdict import Verdict, build_verdict

# Checks under way in this process: whoever asks for the same meanwhile gets the same answer.
_checks: dict[tuple[uuid.UUID, Any], "Future[Verdict]"] = {}


_checks_lock = threading.Lock()


def verify_connection(
    credentials: TwilioCredentials, *, client: ClientInfo, page_session: uuid.UUID | None = None
) -> Verdict:
    """`ok` at once while a proof is good; else asks Twilio, and stores the proof or records the failure."""
    if credentials.is_proven:
        return build_verdict("ok")
    return verify_again(credentials, client=client, page_session=page_session)


def verify_again(
    credentials: TwilioCredentials, *, client: ClientInfo, page_session: uuid.UUID | None = None
) -> Verdict:
    """Asks Twilio whether or not a proof is still good; an outage takes none away."""
    key = (credentials.pk, credentials.updated_at)
    with _checks_lock:
        running = _checks.get(key)
        if running is None:
            mine: Future[Verdict] = Future()
            _checks[key] = mine
    if running is not None:
        verdict = running.result()
        stored = TwilioCredentials.objects.filter(pk=credentials.pk)
        take_over(credentials, stored.values("verdict", "checked_at", "proven_until").first())
        return verdict
    try:
        verdict = prove_again(credentials, client, page_session, lambda: _checks.get(key) is mine)
    except BaseException as error:
        mine.set_exception(error)
        raise
    else:
        mine.set_result(verdict)
        return verdict
    finally:
        with _checks_lock:
            if _checks.get(key) is mine:
                del _checks[key]


def prove_again(
    credentials: TwilioCredentials,
    client: ClientInfo,
    page_session: uuid.UUID | None,
    is_wanted: Callable[[], bool],
) -> Verdict:
    """One check. Its outcome is stored and recorded unless the credentials were changed meanwhile."""
    result = verify_credentials(
        Candidate.of(credentials), voice_url=credentials.account.voice_url, is_key_kind_known=True
    )
    keep_account_facts(credentials.account, result)
    verdict = result.verdict
    settle_check(credentials, verdict, client=client, page_session=page_session, is_wanted=is_wanted)
    return verdict


def end_proof(credentials: TwilioCredentials) -> None:
    """From now on these credentials count as unproven; a check under way no longer proves them."""
    with _checks_lock:
        for key in [key for key in _checks if key[0] == credentials.pk]:
            del _checks[key]
    TwilioCredentials.objects.filter(pk=credentials.pk).update(proven_until=None)
    credentials.proven_until = None
