"""Every situation of a registering phone: the real SDK in Chromium, the fake's gateway, the real server."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.verdicts.texts import TEXTS
from tests.browser.conftest import CONTEXT
from tests.browser.pages import button, dial, expect_state
from tests.browser.plays import BLOCKED, BROKEN_APPS, LOST, REFUSED, TURNED_AWAY, UNANSWERED
from tests.browser.quiet_plays import PASSING, QUIET, SOUND
from tests.browser.stage import Stage
from tests.check_situations import APPS, CREDENTIALS, GOOD, MALFORMED, STATES
from tests.fake_control import FakeTwilio
from tests.outage_situations import ODD_ANSWERS
from tests.situations import NOTHING, situation

PLAYS = {**REFUSED, **UNANSWERED, **BLOCKED, **LOST, **SOUND, **PASSING, **QUIET, **BROKEN_APPS}


@pytest.fixture
def stage(
    browser: Browser, site: str, alice: User, fake_twilio: FakeTwilio, settings: Any
) -> Iterator[Stage]:
    context = browser.new_context(base_url=site, **CONTEXT)
    stage = Stage(context, fake_twilio, alice, site, settings)
    yield stage
    context.close()
    stage.stack.close()


@pytest.mark.parametrize("name", [*PLAYS, *(f"{name}, unproven" for name in TURNED_AWAY)])
def test_the_page_names_the_true_cause(name: str, stage: Stage) -> None:
    play = PLAYS.get(name) or TURNED_AWAY[name.removesuffix(", unproven")]
    with situation("device", name, play.verdict) as outcome:
        play.act(stage)
        outcome.found, outcome.is_blamed = stage.find_verdict(NOTHING if play.is_over else play.verdict)
        if play.is_over:
            outcome.found = stage.verdicts_seen()[-1][0]
        stage.expect_state(play.state, outcome.found)
        stage.expect_failures(play.recorded)
        assert play.checked is None or stage.list_checks() == play.checked
        if play.heal:
            play.heal(stage)
            stage.wait()
            expect_state(stage.page, "ready")
            stage.find_verdict("")


def test_a_callee_who_declines_is_no_failure(
    browser: Browser, stage: Stage, bob: User, fake_twilio: FakeTwilio, settings: Any
) -> None:
    context = browser.new_context(base_url=stage.site, **CONTEXT)
    bobs = Stage(context, fake_twilio, bob, stage.site, settings)
    with situation("device", "the callee declines", NOTHING) as outcome:
        for one in (stage, bobs):
            one.become_ready()
        dial(stage.page, "bob")
        button(bobs.page, "Decline").click()
        expect(button(stage.page, "Call")).to_be_visible(timeout=15_000)
        outcome.found, outcome.is_blamed = stage.find_verdict(NOTHING)
        assert not LoginFailure.objects.exists()
    context.close()


def test_every_verdict_has_its_situation() -> None:
    """All of them but those about signing in to Dog n Bone itself."""
    here = {play.verdict for play in [*PLAYS.values(), *TURNED_AWAY.values()]}
    there = {what.verdict for what in [*CREDENTIALS.values(), *STATES.values(), *APPS.values()]}
    there |= {what.verdict for what in [*MALFORMED.values(), *GOOD.values(), *ODD_ANSWERS.values()]}
    assert here | there >= {slug for slug in TEXTS if not slug.startswith(("sign_in", "second_factor"))}
