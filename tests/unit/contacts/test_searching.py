"""What a contact is found by."""

import phonenumbers
import pytest

from phone.contacts.contacts import SEARCHED_BYTES
from phone.contacts.plain import find_letter, make_plain, make_sort_name
from phone.contacts.searching import build_searched, find_digits, list_pieces, tidy
from phone.dialling.writing import list_digits


def test_the_digits_of_a_number_are_those_that_it_is_written_with_at_home_in_nearly_every_country() -> None:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    other = set()
    for country in phonenumbers.SUPPORTED_REGIONS:
        for kind in kinds:
            example = phonenumbers.example_number_for_type(country, kind)
            if example is not None:
                number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                if not set(list_digits(number)) <= set(find_digits(number)):
                    other.add(country)
    assert len(other) <= 12, sorted(other)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("  ÉCOLE\tNormale ", "ecole normale"), ("Straße", "strasse"), ("٣٤", "34"), ("a\u202eb\x00c", "a b c")],
)
def test_text_is_compared_without_what_is_not_heard_or_seen(text: str, plain: str) -> None:
    assert make_plain(text) == plain


def test_names_stand_under_their_first_letter_whatever_comes_before_it() -> None:
    names = ["“Äsop”", "(bert)", "42", "!!!", "Жанна"]
    assert [find_letter(make_sort_name(name, length=60)) for name in names] == ["A", "B", "#", "#", "Ж"]


def test_what_is_searched_fits_into_an_index_and_loses_the_note_first() -> None:
    searched = build_searched(
        name="名" * 160, company="c", emails=["a@b.example"], numbers=["+442079460000"], note="注" * 2000
    )
    assert len(searched.encode()) <= SEARCHED_BYTES
    assert "a@b.example 442079460000 02079460000 注" in searched


def test_a_question_is_read_as_digits_or_as_words() -> None:
    assert list_pieces("+44 (0)20") == [("4420", "+44 (0)20")]
    assert list_pieces("0044 20") == [("4420", "0044 20")]
    assert list_pieces("Grete Å") == [("grete",), ("a",)]
    assert tidy(" a\x00\u202e b ") == "a b" and len(tidy("x" * 500)) == 100
