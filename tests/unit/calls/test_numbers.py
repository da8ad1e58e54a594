"""What people type, as what is dialled."""

import pytest

from phone.calls.numbers import CannotDial, get_country, normalise


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+12025550199", "GB", "+12025550199"),
        ("(202) 555-0199", "US", "+12025550199"),
        ("2025550199", "US", "+12025550199"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("tel:+44-20-7946-0018", "US", "+442079460018"),
        ("0044 20 7946 0018", "IE", "+442079460018"),
        ("1-800-FLOWERS", "US", "+18003569377"),
    ],
)
def test_numbers_are_read_as_in_the_country_of_the_caller_id(typed: str, country: str, number: str) -> None:
    assert normalise(typed, country) == number


@pytest.mark.parametrize(
    ("typed", "country", "words"),
    [
        ("", "US", "no number"),
        ("911", "US", "emergency"),
        ("112", "US", "emergency"),
        ("9-9-9", "US", "emergency"),
        ("999", "GB", "emergency"),
        ("110", "DE", "emergency"),
        ("sip:bob@example.com", "US", "sip"),
        ("SIPS:bob@example.com", "US", "sip"),
        ("bob@elsewhere.example", "US", "neither a colleague"),
        ("nobody", "US", "neither a colleague"),
        ("12345", "US", "not a phone number"),
        ("+1202555", "US", "not a phone number"),
        ("+1202555019912345", "US", "not a phone number"),
        ("9" * 500, "US", "neither a colleague"),
    ],
)
def test_what_is_not_dialled_is_explained(typed: str, country: str, words: str) -> None:
    with pytest.raises(CannotDial) as refused:
        normalise(typed, country)
    assert words in refused.value.sentence


def test_an_explanation_never_holds_what_xml_cannot() -> None:
    with pytest.raises(CannotDial) as refused:
        normalise("x\x00\x1b<Dial>", "US")
    assert refused.value.sentence.startswith("x<Dial>")


@pytest.mark.parametrize(
    ("number", "country"), [("+442079460018", "GB"), ("+12025550123", "US"), ("garbage", "US")]
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert get_country(number) == country
