"""Conferences and recordings have the fields that the official package reads, and no others."""

import inspect
import re
from typing import Any

import pytest
from aiohttp import encode_basic_auth
from twilio.rest.api.v2010.account.call.recording import RecordingInstance as OfCall
from twilio.rest.api.v2010.account.conference import ConferenceInstance
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance
from twilio.rest.api.v2010.account.conference.recording import RecordingInstance as OfConference
from twilio.rest.api.v2010.account.recording import RecordingInstance

from fake_twilio import catalogue
from fake_twilio.takes import RECORDINGS
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.living_calls import ring
from tests.fake.package import Package
from tests.fake.rest_fake import DEMO_LOGIN, HOSTS, V2010
from tests.fake.tokens import DEMO_SID
from tests.fake.who_hears import until


def names_of(instance: type) -> set[str]:
    return set(re.findall(r'payload\.get\(\s*"(\w+)"', inspect.getsource(instance)))


@pytest.mark.parametrize(
    ("path", "key", "instance"),
    [
        ("/Conferences", "conferences", ConferenceInstance),
        ("/Conferences/{CF}/Participants", "participants", ParticipantInstance),
        ("/Conferences/{CF}/Recordings", "recordings", OfConference),
        ("/Calls/{CA}/Recordings", "recordings", OfCall),
        ("/Recordings", "recordings", RecordingInstance),
    ],
)
async def test_a_resource_has_the_packages_names_and_answers_xml_too(
    fake: Fake, customer: Customer, package: Package, path: str, key: str, instance: type
) -> None:
    customer.answers["/voice"] = '<Dial><Conference record="record-from-start">room</Conference></Dial>'
    first, _ = await ring(fake), await ring(fake)
    await until(lambda: bool(fake.app[RECORDINGS]))
    (room,) = await package.ask(lambda it: it.conferences.list())
    path = path.replace("{CF}", room.sid).replace("{CA}", first.record.sid)

    async def get(kind: str) -> Any:
        headers = {"Authorization": encode_basic_auth(*DEMO_LOGIN), "X-Twilio-Host": HOSTS["us1"]}
        async with fake.session.get(
            f"{fake.url}{V2010}/Accounts/{DEMO_SID}{path}{kind}", headers=headers
        ) as answer:
            return await answer.json() if kind == ".json" else await answer.text()

    listed = (await get(".json"))[key]
    assert listed and {frozenset(one) for one in listed} == {frozenset(names_of(instance))}
    assert catalogue.account_sid(catalogue.DEMO) in await get("")
