import pytest

from phone.recents.searching import NUMBER, build_searched, list_digits, make_plain, tidy


@pytest.mark.parametrize(
    ("address", "digits"),
    [
        ("+12025550199", ["12025550199"]),
        ("+442079460123", ["442079460123", "02079460123"]),
        ("+12025550199,7", ["120255501997"]),
        ("client:dnb_1", []),
        ("withheld", []),
        ("+1", ["1"]),
    ],
)
def test_a_number_is_found_as_it_is_written_abroad_and_at_home(address: str, digits: list[str]) -> None:
    assert list_digits(address) == digits


def test_what_is_searched_is_small_plain_and_not_too_long() -> None:
    searched = build_searched(
        name="ÄNNE\x00",
        email="Anne@Example.com",
        address="+442079460123",
        our_number="+12025550123",
        note="Ⅳ " * 999,
    )
    assert searched.startswith("änne  anne@example.com 442079460123 02079460123 12025550123 iv iv")
    assert len(searched) == 600


@pytest.mark.parametrize("typed", ["202 555", "(020) 7946-01", "+44 20", "٢٠٢ ٥٥٥", "２０２"])
def test_what_looks_like_a_number_is_searched_as_one(typed: str) -> None:
    assert NUMBER.fullmatch(make_plain(typed))


@pytest.mark.parametrize("typed", ["bob", "room 12", "+", "()", ""])
def test_what_does_not_is_not(typed: str) -> None:
    assert NUMBER.fullmatch(make_plain(typed)) is None


def test_what_is_typed_is_cut_and_freed_of_what_cannot_be_stored() -> None:
    assert tidy(" a\x00b\n\ud800c " + "x" * 10_000) == "a b c " + "x" * 94
