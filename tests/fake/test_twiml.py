"""Reading TwiML: what is understood, what is warned about, and what cannot be read at all."""

import pytest
from twilio.twiml.voice_response import Client, Dial, Gather, VoiceResponse

from fake_twilio.twiml import TwimlError, parse_twiml


def test_what_the_official_library_writes_is_read_without_a_warning() -> None:
    response = VoiceResponse()
    response.say("Hello", voice="alice", language="en-GB", loop=2)
    gather = Gather(num_digits=1, action="/digits", finish_on_key="#", timeout=3)
    gather.say("Press one")
    response.append(gather)
    dial = Dial(caller_id="+12025550123", answer_on_bridge=True, timeout=20, action="/done", time_limit=60)
    client = Client(status_callback="/events", status_callback_event="initiated ringing answered completed")
    client.identity("bob")
    client.parameter(name="display", value="Bob & co")
    dial.append(client)
    dial.number("+12025550199", send_digits="12w#")
    response.append(dial)
    response.record(max_length=120, finish_on_key="#", play_beep=True, action="/vm", timeout=3)
    response.pause(length=2)
    response.redirect("/again", method="GET")
    response.reject(reason="busy")
    response.hangup()
    document = parse_twiml(str(response))

    assert document.warnings == ()
    assert [verb.name for verb in document.verbs] == [
        *("Say", "Gather", "Dial", "Record", "Pause", "Redirect", "Reject", "Hangup")
    ]
    dial_verb = document.verbs[2]
    assert dial_verb.flag("answerOnBridge") and dial_verb.number("timeout", 30) == 20
    bob = dial_verb.all("Client")[0]
    assert bob.all("Identity")[0].text == "bob"
    assert bob.all("Parameter")[0].get("value") == "Bob & co"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", 12100),
        (b"hello", 12100),
        (b"<Response><Say></Response>", 12100),
        (b"\xff\xfe\x00", 12100),
        (b"<html/>", 12102),
        (b"<response/>", 12102),
    ],
)
def test_what_is_no_twiml_is_named(text: bytes, code: int) -> None:
    with pytest.raises(TwimlError) as error:
        parse_twiml(text)
    assert error.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "<Sing>la</Sing>",
        "<Say mood='merry'>la</Say>",
        "<Pause length='long'/>",
        "<Dial answerOnBridge='maybe'>+12025550199</Dial>",
        "<Dial record='loudly'>+12025550199</Dial>",
        "<Dial><Sip>sip:bob@example.com</Sip></Dial>",
        "<Redirect method='PUT'>/x</Redirect>",
        "<Reject reason='mood'/>",
    ],
)
def test_what_is_not_understood_is_warned_about_and_never_silent(text: str) -> None:
    assert len(parse_twiml(f"<Response>{text}</Response>").warnings) == 1


def test_an_empty_response_is_twiml() -> None:
    assert parse_twiml("<Response/>").verbs == ()
