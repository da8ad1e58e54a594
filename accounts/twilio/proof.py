"""Proving stored credentials again before each use, and ending a proof that something speaks against.

No request to Twilio is made inside a database transaction.
"""

import threading
import uuid
from concurrent.futures import Future

from django.db.models import F

from accounts.clients import ClientInfo
from accounts.outside import leave_database
from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.standing import settle_check, take_over
from accounts.twilio.trial import keep_account_facts
from accounts.verdicts.verdict import Verdict, build_verdict

# Checks under way in this process: whoever asks for the same meanwhile gets the same answer. It only
# saves requests: what a check may prove is decided by the stored `proof_version`.
_checks: dict[tuple[uuid.UUID, int], "Future[Verdict]"] = {}
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
    key = (credentials.pk, credentials.proof_version)
    with _checks_lock:
        running = _checks.get(key)
        if running is None:
            mine = _checks[key] = Future()
    if running is not None:
        return join_check(running, credentials)
    try:
        verdict = prove_again(credentials, client, page_session)
    except BaseException as error:
        mine.set_exception(error)
        raise
    else:
        mine.set_result(verdict)
        return verdict
    finally:
        with _checks_lock:
            del _checks[key]


def join_check(running: "Future[Verdict]", credentials: TwilioCredentials) -> Verdict:
    """Waits for somebody else's check of the same, and shows what it stored."""
    leave_database()
    verdict = running.result()
    stored = TwilioCredentials.objects.filter(pk=credentials.pk)
    take_over(credentials, stored.values("verdict", "checked_at", "proven_until").first())
    return verdict


def prove_again(
    credentials: TwilioCredentials, client: ClientInfo, page_session: uuid.UUID | None
) -> Verdict:
    """One check. Its outcome is stored unless the credentials were changed or doubted meanwhile."""
    result = verify_credentials(
        Candidate.of(credentials), voice_url=credentials.account.voice_url, is_key_kind_known=True
    )
    keep_account_facts(credentials.account, result)
    verdict = result.verdict
    settle_check(credentials, verdict, client=client, page_session=page_session)
    return verdict


def end_proof(credentials: TwilioCredentials) -> None:
    """From now on these credentials count as unproven; no check under way anywhere proves them."""
    stored = TwilioCredentials.objects.filter(pk=credentials.pk)
    stored.update(proven_until=None, proof_version=F("proof_version") + 1)
    take_over(credentials, stored.values("proven_until", "proof_version").first())
