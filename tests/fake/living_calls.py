"""Calls that are alive in the fake: begun by a stranger, and waited for."""

import asyncio
from typing import Any

from fake_twilio import catalogue
from fake_twilio.calls import LivingCall
from fake_twilio.store import Account, CallRecord
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.conftest import Fake
from tests.fake.device import PATIENCE

STRANGER_HOLDS = '<Pause length="60"/>'


async def ring(fake: Fake, **body: Any) -> LivingCall:
    """A stranger calls the demo number."""
    answer = await fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **body)
    return fake.app[SWITCHBOARD].calls[answer["call_sid"]]


async def over(call: LivingCall) -> CallRecord:
    async with asyncio.timeout(PATIENCE):
        await call.wait_until_over()
    return call.record


async def until_bridged(call: LivingCall) -> LivingCall:
    async with asyncio.timeout(PATIENCE):
        while call.bridged_with is None:
            await asyncio.sleep(0.01)
    return call.bridged_with


def codes(account: Account) -> list[str]:
    return [alert["error_code"] for alert in account.alerts]
