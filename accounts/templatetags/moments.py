"""`{% load moments %}`: how long ago something was."""

from datetime import datetime

from django import template

from accounts.moments import describe_ago, describe_past

register = template.Library()


@register.filter
def ago(at: datetime) -> str:
    """`2 days, 3 hours ago`"""
    return describe_ago(at)


@register.filter
def past(at: datetime) -> str:
    """The same, but `just now` in the first minute."""
    return describe_past(at)
