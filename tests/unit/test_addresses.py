"""What an e-mail address is read as, and what is said of one that cannot be one."""

import pytest
from django.core.exceptions import ValidationError

from accounts.entrance.addresses import AddressField


def refuse(typed: str) -> str:
    with pytest.raises(ValidationError) as refused:
        AddressField().clean(typed)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "typed",
    [
        "alice@example.com\u200b",
        "\ufeffalice@example.com",
        "\u00a0 alice@example.com \u3000",
        "\u2066alice@example.com\u2069",
        "Alice@Example.com\u00ad",
        "\u2800alice@example.com\ufe0f",
    ],
)
def test_what_surrounds_an_address_unseen_is_no_part_of_it(typed: str) -> None:
    assert AddressField().clean(typed) == "alice@example.com"


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("ali\u200bce@example.com", "after “ali”: ZERO WIDTH SPACE, U+200B"),
        ("alice@exam\u00adple.com", "after “alice@exam”: SOFT HYPHEN, U+00AD"),
        ("alice liddell@example.com", "after “alice”: SPACE, U+0020"),
        ("alice\u2060@example.com", "after “alice”: WORD JOINER, U+2060"),
        ("alice@ex\u3164ample.com", "after “alice@ex”: HANGUL FILLER, U+3164"),
    ],
)
def test_an_invisible_character_inside_is_named_and_its_place_shown(typed: str, named: str) -> None:
    assert named in refuse(typed)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("jörg@example.com", "“ö” cannot"),
        ("jo\u0308rg@example.com", "“ö” cannot"),
        ("аlice@example.com", "“а” (CYRILLIC SMALL LETTER A, U+0430)"),
        ("田中@example.jp", "CJK UNIFIED IDEOGRAPH-7530"),
    ],
)
def test_a_letter_that_cannot_stand_before_the_at_is_named(typed: str, named: str) -> None:
    words = refuse(typed)
    assert named in words
    assert "cannot stand before the @: only a–z" in words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("alice.example.com", "no @"),
        ("alice@", "nothing after the @"),
        ("@example.com", "nothing before the @"),
        ("alice@home@example.com", "more than one @"),
        ("alice@example", "“alice@example” is no e-mail address"),
        ("alice..x@example.com", "“alice..x@example.com” is no e-mail address"),
    ],
)
def test_what_was_seen_and_what_was_expected_are_said(typed: str, said: str) -> None:
    words = refuse(typed)
    assert said in words
    assert "name@example.com" in words


@pytest.mark.parametrize(
    "typed", ["joerg@bücher.example", "joerg@BÜCHER.example", "joerg@xn--bcher-kva.example"]
)
def test_a_domain_in_other_letters_is_one_domain_however_a_browser_sends_it(typed: str) -> None:
    assert AddressField().clean(typed) == "joerg@xn--bcher-kva.example"


def test_an_address_that_is_left_out_is_asked_for() -> None:
    assert "required" in refuse("\u200b")
