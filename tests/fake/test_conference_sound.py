"""Who hears whom in a conference: measured, each with a tone of their own."""

import io
import wave

from aiohttp import web
from twilio.rest import Client

from fake_twilio.calls import LivingCall
from fake_twilio.rooms.participant import MUSIC_HERTZ
from fake_twilio.rooms.registry import ROOMS
from fake_twilio.sounds import build_tone
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.living_calls import ring
from tests.fake.package import Package
from tests.fake.who_hears import hears, listen, measure, until

ANNA, BERT, CARA, JINGLE = 400, 600, 900, 1500
ALL = (ANNA, BERT, CARA, JINGLE, MUSIC_HERTZ)


def room(**attributes: str) -> str:
    written = " ".join(f'{name}="{value}"' for name, value in ({"beep": "false"} | attributes).items())
    return f"<Dial><Conference {written}>room</Conference></Dial><Pause length='60'/>"


async def join(fake: Fake, customer: Customer, hertz: int, **attributes: str) -> LivingCall:
    customer.answers["/voice"] = room(**attributes)
    call = await ring(fake, sound="tone", hertz=hertz)
    await customer.wait_for("/voice", CallSid=call.record.sid)
    return call


async def three(fake: Fake, customer: Customer) -> tuple[LivingCall, LivingCall, LivingCall, str]:
    """Anna, Bert and Cara in the room, and its SID."""
    anna = await join(fake, customer, ANNA, participantLabel="anna")
    bert = await join(fake, customer, BERT, participantLabel="bert")
    cara = await join(fake, customer, CARA, participantLabel="cara")
    await until(lambda: hears(anna, BERT, CARA, of=ALL))
    return anna, bert, cara, next(iter(fake.app[ROOMS].values())).sid


async def test_whoever_waits_alone_hears_music_and_then_the_others(fake: Fake, customer: Customer) -> None:
    anna = await join(fake, customer, ANNA)
    await until(lambda: hears(anna, MUSIC_HERTZ, of=ALL))
    bert = await join(fake, customer, BERT)
    await until(lambda: hears(anna, BERT, of=ALL) and hears(bert, ANNA, of=ALL))


async def test_an_empty_wait_url_is_silence_and_a_room_waits_for_its_moderator(
    fake: Fake, customer: Customer
) -> None:
    anna = await join(fake, customer, ANNA, startConferenceOnEnter="false", waitUrl="")
    bert = await join(fake, customer, BERT, startConferenceOnEnter="false")
    await until(lambda: hears(bert, MUSIC_HERTZ, of=ALL))
    assert hears(anna, of=ALL)
    cara = await join(fake, customer, CARA)
    await until(
        lambda: all(
            hears(one, *two, of=ALL)
            for one, two in ((anna, (BERT, CARA)), (bert, (ANNA, CARA)), (cara, (ANNA, BERT)))
        )
    )


async def test_on_hold_one_hears_music_only_and_is_heard_by_nobody(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna, bert, cara, sid = await three(fake, customer)
    held = await package.ask(lambda it: it.conferences(sid).participants("bert").update(hold=True))
    assert (held.hold, held.label, held.call_sid) == (True, "bert", bert.record.sid)
    await until(lambda: hears(bert, MUSIC_HERTZ, of=ALL))
    assert hears(anna, CARA, of=ALL) and hears(cara, ANNA, of=ALL)
    await package.ask(lambda it: it.conferences(sid).participants("bert").update(hold=False))
    await until(lambda: hears(bert, ANNA, CARA, of=ALL) and hears(anna, BERT, CARA, of=ALL))


async def test_hold_music_comes_from_the_hold_url_a_file_over_and_over(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna, bert, _, sid = await three(fake, customer)
    customer.answers["/music"] = serve_tone(0.3)
    url = f"{customer.url}/music"
    await package.ask(
        lambda it: it.conferences(sid).participants(bert.record.sid).update(hold=True, hold_url=url)
    )
    asked = await customer.wait_for("/music")
    assert (asked["CallSid"], asked["ConferenceSid"]) == (bert.record.sid, sid)
    for _ in range(2):
        await until(lambda: hears(bert, JINGLE, of=ALL))
        await until(lambda: not hears(bert, JINGLE, of=ALL))


async def test_who_goes_on_speaking_is_heard_without_a_gap_while_others_come_and_go(
    fake: Fake, customer: Customer, package: Package
) -> None:
    odd = 437
    anna = await join(fake, customer, ANNA)
    await join(fake, customer, odd)
    await join(fake, customer, CARA, participantLabel="cara")
    (found,) = await package.ask(lambda it: it.conferences.list())
    heard = b""
    for change in ({"muted": True}, {"hold": True}, {"hold": False}, {"coaching": False}):
        await package.ask(lambda it, change=change: change_cara(it, found.sid, change))
        heard += listen(anna)
    await package.ask(lambda it: it.conferences(found.sid).participants("cara").delete())
    heard += listen(anna)
    assert heard in build_tone(odd).pcm * 3


def change_cara(it: Client, sid: str, change: dict[str, bool]) -> None:
    it.conferences(sid).participants("cara").update(**change)


async def test_who_is_muted_hears_and_is_not_heard(fake: Fake, customer: Customer, package: Package) -> None:
    anna, bert, cara, sid = await three(fake, customer)
    await package.ask(lambda it: it.conferences(sid).participants("cara").update(muted=True))
    await until(lambda: hears(anna, BERT, of=ALL) and hears(bert, ANNA, of=ALL))
    assert hears(cara, ANNA, BERT, of=ALL)


async def test_a_coach_is_heard_by_one_alone(fake: Fake, customer: Customer, package: Package) -> None:
    anna, bert, cara, sid = await three(fake, customer)
    coached = anna.record.sid
    changed = await package.ask(
        lambda it: it.conferences(sid).participants("cara").update(coaching=True, call_sid_to_coach=coached)
    )
    assert (changed.coaching, changed.call_sid_to_coach) == (True, coached)
    await until(lambda: hears(bert, ANNA, of=ALL))
    assert hears(anna, BERT, CARA, of=ALL) and hears(cara, ANNA, BERT, of=ALL)
    await package.ask(lambda it: it.conferences(sid).participants("cara").update(coaching=False))
    await until(lambda: hears(bert, ANNA, CARA, of=ALL))


async def test_an_announcement_to_one_is_heard_by_one_and_to_the_room_by_all(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna, bert, cara, sid = await three(fake, customer)
    customer.answers["/said"] = "<Play>/jingle</Play>"
    customer.answers["/jingle"] = serve_tone(1.0)
    url = f"{customer.url}/said"
    await package.ask(lambda it: it.conferences(sid).participants("anna").update(announce_url=url))
    await until(lambda: hears(anna, BERT, CARA, JINGLE, of=ALL))
    assert hears(bert, ANNA, CARA, of=ALL)
    await until(lambda: hears(anna, BERT, CARA, of=ALL))
    customer.answers["/jingle"] = serve_tone(1.0)
    await package.ask(lambda it: it.conferences(sid).update(announce_url=url))
    await until(lambda: all(not hears(one, of=(JINGLE,)) for one in (anna, bert, cara)))


async def test_an_announcement_to_the_room_goes_on_when_somebody_leaves(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna, bert, cara, sid = await three(fake, customer)
    customer.answers["/said"] = "<Play>/jingle</Play><Say>And some more words to be heard by all</Say>"
    customer.answers["/jingle"] = serve_tone(0.5)
    await package.ask(lambda it: it.conferences(sid).update(announce_url=f"{customer.url}/said"))
    await until(lambda: hears(cara, ANNA, BERT, JINGLE, of=ALL))
    anna.hang_up()
    await until(lambda: any(measure(listen(cara), note) > 0.05 for note in (180, 220, 260, 300)))


async def test_a_beep_tells_the_others_who_comes(fake: Fake, customer: Customer) -> None:
    beep = 1000
    anna = await join(fake, customer, ANNA)
    bert = await join(fake, customer, BERT, beep="onEnter")
    await until(lambda: hears(anna, BERT, beep, of=(*ALL, beep)))
    assert hears(bert, ANNA, of=(*ALL, beep))


async def test_documents_for_those_who_wait_may_only_play(fake: Fake, customer: Customer) -> None:
    customer.answers["/wait"] = "<Say>wait</Say><Dial>+12025550199</Dial>"
    call = await join(fake, customer, ANNA, waitUrl="/wait")
    await until(lambda: "13238" in {alert["error_code"] for alert in call.account.alerts})
    assert call.record.status == "in-progress"


async def test_a_wait_url_that_fails_keeps_its_caller_out(fake: Fake, customer: Customer) -> None:
    customer.answers["/wait"] = web.Response(status=500)
    customer.answers["/voice"] = '<Dial action="/left"><Conference waitUrl="/wait">room</Conference></Dial>'
    await ring(fake)
    await customer.wait_for("/left")


def serve_tone(seconds: float) -> web.Response:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(build_tone(JINGLE, seconds=seconds).pcm)
    return web.Response(body=file.getvalue(), content_type="audio/wav")
