"""A number's rules in a few words, for the list of numbers."""

from itertools import groupby

from phone.answering.hours import DAYS
from phone.answering.plan import DEFAULT_SECONDS
from phone.answering.rules import NumberRules

THEN = {"voicemail": "voicemail", "sentence": "a sentence"}


def build_summary(rules: NumberRules | None) -> list[str]:
    """Who is rung; when; what else."""
    if rules is None:
        return [f"Everybody rings, for {DEFAULT_SECONDS} s", "Always open", "Nobody answers: a sentence"]
    lines = [describe_ringing(rules), describe_hours(rules)]
    lines.append(f"Nobody answers: {describe_then(rules.unanswered_then, rules.unanswered_number)}")
    if rules.week:
        lines.append(f"Closed: {describe_then(rules.closed_then, rules.closed_number)}")
    return lines


def describe_ringing(rules: NumberRules) -> str:
    if rules.who == rules.Who.EVERYBODY:
        return f"Everybody rings, for {rules.seconds} s"
    names = [person.display_name for person in rules.list_people()]
    if not names:
        return "Nobody rings: those who were chosen have left"
    if rules.order == rules.Order.IN_ORDER and len(names) > 1:
        return f"{', then '.join(names)}, {rules.seconds} s each"
    return f"{', '.join(names)}, for {rules.seconds} s"


def describe_hours(rules: NumberRules) -> str:
    if not rules.week:
        return "Always open"
    names = [day[:3] for day in DAYS]
    parts = []
    for text, group in groupby(range(len(DAYS)), key=lambda day: rules.week[day]):
        days = list(group)
        name = names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}"
        parts += [f"{name} {text}"] if text else []
    return f"{'; '.join(parts)} ({rules.time_zone.replace('_', ' ')})"


def describe_then(then: str, number: str) -> str:
    return number if then == "number" else THEN[then]
