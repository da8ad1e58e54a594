"""When something was, in the words and figures of each language."""

from datetime import timedelta

from django.utils import timezone, translation

from accounts.moments import describe_ago, write_moment
from dognbone.formats.de import formats as german
from dognbone.formats.en import formats as english


def test_how_long_ago_bends_the_words() -> None:
    at = timezone.now() - timedelta(days=2, hours=1)
    assert describe_ago(at, depth=1).replace("\xa0", " ") == "2 days ago"
    with translation.override("de"):
        assert describe_ago(at).replace("\xa0", " ") == "vor 2 Tagen, 1 Stunde"


def test_moments_are_written_as_each_language_writes_them() -> None:
    at = timezone.datetime(2026, 11, 3, 9, 5, 7, tzinfo=timezone.get_default_timezone())
    assert write_moment(at) == "2026-11-03 09:05:07"
    with translation.override("de"):
        assert write_moment(at) == "03.11.2026 09:05:07"
    assert {name for name in vars(english) if name.endswith("_FORMAT")} == {
        name for name in vars(german) if name.endswith("_FORMAT")
    }
