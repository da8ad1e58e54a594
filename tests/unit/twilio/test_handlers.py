import pytest

from accounts.twilio.handlers import describe_handler, is_unanswered, read_handler
from fake_twilio.store import make_sid

APP, TRUNK = make_sid("AP", "handler"), make_sid("TK", "handler")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, ""),
        ({"voice_url": "", "voice_method": "POST"}, "nobody"),
        ({"voice_url": None}, "nobody"),
        ({"voice_url": "https://demo.twilio.com/welcome/voice/"}, "Twilio's welcome message"),
        ({"voice_url": "https://hooks.example.com/secret-path?key=1"}, "hooks.example.com"),
        ({"voice_url": "https://user:password@example.com:8443/x"}, "example.com"),
        ({"voice_url": "https://[broken"}, "an address that is none"),
        ({"voice_url": "not an address"}, "an address that is none"),
        ({"voice_url": "https://example.com", "voice_application_sid": APP}, f"the TwiML App …{APP[-4:]}"),
        ({"voice_application_sid": APP, "trunk_sid": TRUNK}, f"the SIP trunk …{TRUNK[-4:]}"),
    ],
)
def test_who_answers_a_number_is_said_without_what_may_be_secret(row, words):
    assert describe_handler(row) == words


def test_an_address_that_is_none_is_somebodys_all_the_same():
    assert not is_unanswered({"voice_url": "https://[broken"})


def test_what_is_read_is_all_that_it_takes_to_put_it_back():
    assert read_handler({"sid": "PN", "voice_url": None, "trunk_sid": TRUNK}) == {
        "voice_url": "",
        "voice_method": "",
        "voice_application_sid": "",
        "trunk_sid": TRUNK,
    }
