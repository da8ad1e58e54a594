"""Begins and ends rehearsals, one at a time for each person, and lets open phones feel it."""

from accounts.push import CREDENTIALS_CHANGED, push_to_user
from accounts.twilio.credentials import TwilioCredentials
from demo import controls
from demo.causes import Stage
from demo.rehearsal import CallRehearsal, Rehearsal
from demo.rehearsals import REHEARSALS
from phone.tokens.answers import PROOFS_PER_PERSON, TOKENS_PER_PERSON


def find_running(stage: Stage, *, begun: str = "") -> list[Rehearsal]:
    """What this person's phone suffers from now, whoever began it.

    Of several rehearsals with one cause it is the one that this person has begun (`begun`, a slug),
    or else the first.
    """
    running: list[Rehearsal] = []
    mine_first = sorted(REHEARSALS.values(), key=lambda one: one.slug != begun)
    for rehearsal in mine_first:
        if rehearsal.cause.is_on(stage) and all(rehearsal.cause != one.cause for one in running):
            running.append(rehearsal)
    return running


def is_possible(rehearsal: Rehearsal, credentials: TwilioCredentials) -> bool:
    return rehearsal.cause.is_possible(credentials)


def begin(rehearsal: Rehearsal, stage: Stage, *, begun: str = "") -> None:
    """Ends what is running, then begins. Raises FakeSilent."""
    ended = find_running(stage, begun=begun)
    end(ended, stage)
    rehearsal.cause.begin(stage)
    if ended or rehearsal.nudge == "login":
        # After another failure the gateway may have no Device of this person's to look at.
        log_in_anew(stage.credentials)
        return
    if isinstance(rehearsal, CallRehearsal):
        # The login is not at stake: what is proven counts on.
        return
    forget_proof(stage.credentials)
    if rehearsal.nudge == "recheck":
        controls.recheck_devices(stage.account_sid)
    elif rehearsal.nudge == "drop":
        controls.drop_devices(stage.account_sid)


def end(rehearsals: list[Rehearsal], stage: Stage) -> None:
    """Takes the causes away. Raises FakeSilent."""
    # What ails the whole account first: the TwiML App is put right over its REST API.
    for rehearsal in sorted(rehearsals, key=lambda one: bool(one.cause.needs)):
        rehearsal.cause.end(stage)


def log_in_anew(credentials: TwilioCredentials) -> None:
    """Every open phone of this person begins as after a reload, and Twilio is asked."""
    forget_proof(credentials)
    push_to_user(credentials.user_id, CREDENTIALS_CHANGED)


def forget_proof(credentials: TwilioCredentials) -> None:
    """What was proven or asked until now counts no more: it is older than what is rehearsed.

    So do the tokens fetched: whoever rehearses logs in more often than Dog n Bone lets people.
    """
    credentials.proven_until = None
    # A new date of change sets apart the checks that were made before.
    credentials.save(update_fields=["proven_until", "updated_at"])
    for limit in (TOKENS_PER_PERSON, PROOFS_PER_PERSON):
        limit.forget(credentials.user.identity)
