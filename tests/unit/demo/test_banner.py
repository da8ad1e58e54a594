from demo.banner import WIDTH, build_banner
from fake_twilio import catalogue
from fake_twilio.situations import SITUATIONS

URL, FAKE_URL = "http://localhost:8000", "http://127.0.0.1:8001"


def test_every_situation_of_the_fake_can_be_typed_from_the_banner() -> None:
    banner = build_banner(URL, FAKE_URL)
    for situation in SITUATIONS:
        typed = (
            situation.account_sid,
            situation.auth_token,
            situation.api_key_sid,
            situation.api_key_secret,
            situation.twiml_app_sid,
        )
        assert all(value in banner for value in typed), situation.title
        assert situation.title in banner
    for fault in catalogue.GATEWAY_FAULTS:
        assert catalogue.account_sid(fault) in banner


def test_the_banner_ends_with_where_to_go_and_who_can_sign_in() -> None:
    end = build_banner(URL, FAKE_URL).splitlines()[-14:]
    for word in (
        URL,
        "/admin/",
        "/rehearsal/",
        "alice@example.com",
        "bob@example.com",
        "dog-and-bone",
        catalogue.ECHO_NUMBER,
    ):
        assert any(word in line for line in end), word


def test_the_banner_fits_its_rules() -> None:
    assert max(len(line) for line in build_banner(URL, FAKE_URL).splitlines()) <= WIDTH


def test_without_a_fake_there_is_nothing_to_type() -> None:
    banner = build_banner(URL, "")
    assert catalogue.account_sid(catalogue.DEMO) not in banner
    assert "no Twilio account connected yet" in banner
