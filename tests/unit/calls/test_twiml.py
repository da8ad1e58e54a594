"""The TwiML of each case, as Twilio reads it."""

from xml.etree import ElementTree

from phone.calls import twiml

URLS = twiml.CallbackUrls(action="https://phone.example/dial/", status="https://phone.example/status/")


def test_a_number_rings_with_the_callers_own_call_still_ringing() -> None:
    document = ElementTree.fromstring(
        twiml.build_dial_to_number(phone_number="+12025550199", caller_id="+12025550123", urls=URLS)
    )
    dial = document.find("Dial")
    assert dial is not None
    assert dial.attrib == {
        "action": URLS.action,
        "answerOnBridge": "true",
        "callerId": "+12025550123",
        "timeout": "30",
    }
    number = dial.find("Number")
    assert number is not None
    assert number.text == "+12025550199"
    assert number.attrib == {
        "statusCallback": URLS.status,
        "statusCallbackEvent": "initiated ringing answered completed",
    }


def test_devices_ring_together_and_show_who_calls() -> None:
    document = ElementTree.fromstring(
        twiml.build_dial_to_clients(
            identities=["one", "two"],
            parameters={"display": "Alice", "called": ""},
            caller_id="client:three",
            urls=URLS,
        )
    )
    clients = document.findall("Dial/Client")
    assert [client.findtext("Identity") for client in clients] == ["one", "two"]
    parameter = clients[0].find("Parameter")
    assert parameter is not None
    assert parameter.attrib == {"name": "display", "value": "Alice"}


def test_a_caller_from_outside_shows_their_own_number() -> None:
    document = ElementTree.fromstring(
        twiml.build_dial_to_clients(identities=["one"], parameters={"display": ""}, caller_id="", urls=URLS)
    )
    dial = document.find("Dial")
    assert dial is not None
    assert "callerId" not in dial.attrib
    assert document.find("Dial/Client/Parameter") is None


def test_a_name_cannot_become_markup() -> None:
    name = '"/></Client><Number>+19005550100</Number>'
    document = ElementTree.fromstring(
        twiml.build_dial_to_clients(identities=["one"], parameters={"display": name}, caller_id="", urls=URLS)
    )
    assert document.find(".//Number") is None
    assert ElementTree.fromstring(twiml.build_spoken("<Dial>1</Dial>")).find("Dial") is None


def test_after_a_sentence_the_call_is_over() -> None:
    document = ElementTree.fromstring(twiml.build_spoken("The line is busy."))
    assert [verb.tag for verb in document] == ["Say", "Hangup"]
