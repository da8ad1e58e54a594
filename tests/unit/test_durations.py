"""How long something took, in the words of each language."""

from datetime import timedelta

import pytest
from django.utils import translation

from phone.durations import describe_duration


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("de", 8, "8 Sek."),
        ("de", 200, "3 Min. 20 Sek."),
        ("de", 93_600, "1 Tg. 2 Std."),
        ("en", 7500, "2 h 5 min"),
    ],
)
def test_a_duration_in_words(language: str, seconds: int, words: str) -> None:
    with translation.override(language):
        assert describe_duration(timedelta(seconds=seconds)) == words
