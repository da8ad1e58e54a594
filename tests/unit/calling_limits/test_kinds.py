"""What a number is: whose, and what it costs."""

import pytest

from phone.calling_limits.kinds import CODES, FREE, ORDINARY, PREMIUM, SATELLITE, SHARED_COST, read_target


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("+12025550123", "US", ORDINARY),
        ("+18005550199", "US", FREE),
        ("+19005550191", "US", PREMIUM),
        ("+14165550123", "CA", ORDINARY),
        ("+18765550123", "JM", ORDINARY),
        ("+442079460123", "GB", ORDINARY),
        ("+448001111111", "GB", FREE),
        ("+33810123456", "FR", SHARED_COST),
        ("+449012345678", "GB", PREMIUM),
        ("+447012345678", "GB", SHARED_COST),
        ("+491805123456", "DE", SHARED_COST),
        ("+499001234567", "DE", PREMIUM),
        ("+80012345678", "", FREE),
        ("+80812345678", "", SHARED_COST),
        ("+870773111632", "", SATELLITE),
        ("+881612345678", "", SATELLITE),
        ("+88213123456", "", SATELLITE),
        ("+883510012345", "", SATELLITE),
        ("+979123456789", "", PREMIUM),
        ("+88812345678901", "", SATELLITE),
        ("+99912345", "", SATELLITE),
        ("nonsense", "", SATELLITE),
    ],
)
def test_what_a_number_is(number: str, country: str, kind: str) -> None:
    target = read_target(number)
    assert (target.country, target.kind) == (country, kind)


def test_free_numbers_are_free_where_their_code_is_at_home() -> None:
    american = read_target("+18005550199")
    assert american.is_free_in(frozenset({"US"}))
    assert american.is_free_in(frozenset({"CA"}))
    assert not american.is_free_in(frozenset({"DE"}))
    assert read_target("+80012345678").is_free_in(frozenset({"DE"}))
    assert not read_target("+12025550123").is_free_in(frozenset({"US"}))


def test_no_code_of_the_table_is_a_countrys() -> None:
    for code in CODES:
        assert read_target(f"+{code}12345678").country == ""
