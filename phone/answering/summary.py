"""A number's rules in a few words, for the list of numbers."""

from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from phone.answering.plan import DEFAULT_SECONDS
from phone.answering.rules import NumberRules
from phone.hours import DAYS, SHORT_DAY_NAMES


def build_summary(rules: NumberRules | None) -> list[str]:
    """Who is rung; when; what else."""
    rules = rules or NumberRules(seconds=DEFAULT_SECONDS)
    lines = [describe_ringing(rules), describe_hours(rules)]
    lines.append(describe_unanswered(rules.unanswered_then, rules.unanswered_number))
    if rules.week:
        lines.append(describe_closed(rules.closed_then, rules.closed_number))
    return lines


def describe_ringing(rules: NumberRules) -> str:
    if rules.who == rules.Who.EVERYBODY:
        return _("Everybody rings, for {seconds} s").format(seconds=rules.seconds)
    names = [person.display_name for person in rules.list_people()]
    if not names:
        return _("Nobody rings: those who were chosen have left")
    if rules.order == rules.Order.IN_ORDER and len(names) > 1:
        following = pgettext("between names that ring one after the other", ", then ")
        return _("{names}, {seconds} s each").format(names=following.join(names), seconds=rules.seconds)
    return _("{names}, for {seconds} s").format(names=", ".join(names), seconds=rules.seconds)


def describe_hours(rules: NumberRules) -> str:
    if not rules.week:
        return _("Always open")
    names = [str(name) for name in SHORT_DAY_NAMES]
    parts = []
    for text, group in groupby(range(len(DAYS)), key=lambda day: rules.week[day]):
        days = list(group)
        name = names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}"
        parts += [f"{name} {text}"] if text else []
    return f"{'; '.join(parts)} ({rules.time_zone.replace('_', ' ')})"


def describe_unanswered(then: str, number: str) -> str:
    match then:
        case "number":
            return _("Nobody answers: {number}").format(number=number)
        case "voicemail":
            return _("Nobody answers: voicemail")
    return _("Nobody answers: a sentence")


def describe_closed(then: str, number: str) -> str:
    match then:
        case "number":
            return _("Closed: {number}").format(number=number)
        case "voicemail":
            return _("Closed: voicemail")
    return _("Closed: a sentence")
