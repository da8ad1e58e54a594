"""`{% load moments %}`: how long ago something was."""

from datetime import datetime

from django import template

from accounts.moments import describe_ago

register = template.Library()


@register.filter
def ago(at: datetime) -> str:
    """`2 days, 3 hours ago`"""
    return describe_ago(at)
