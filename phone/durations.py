"""A span of time in words."""

from datetime import timedelta


def describe_duration(duration: timedelta) -> str:
    """`2 h 5 min`, `3 min 20 s`, `8 s`: two units at most."""
    seconds = round(duration.total_seconds())
    units = (
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    )
    said = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(said[:2]) or "0 s"
