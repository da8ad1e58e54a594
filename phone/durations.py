"""A span of time in words."""

from datetime import timedelta

from django.utils.translation import gettext as _


def describe_duration(duration: timedelta) -> str:
    """`2 h 5 min`, `3 min 20 s`, `8 s`: two units at most, in the language that is spoken."""
    seconds = round(duration.total_seconds())
    units = (
        (seconds // 86400, _("{count} d")),
        (seconds // 3600 % 24, _("{count} h")),
        (seconds // 60 % 60, _("{count} min")),
        (seconds % 60, _("{count} s")),
    )
    said = [words.format(count=count) for count, words in units if count]
    return " ".join(said[:2]) or _("{count} s").format(count=0)
