"""How long ago something was."""

from datetime import datetime

from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter
from django.template import Library
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = Library()


@register.filter
def ago(moment: datetime) -> str:
    """ "3 days, 2 hours ago", or "just now"."""
    # In other languages what follows "ago" has another ending than what merely lasts.
    since = timesince(moment, time_strings=NaturalTimeFormatter.past_substrings)
    return _("just now") if since.startswith("0") else _("{since} ago").format(since=since)
