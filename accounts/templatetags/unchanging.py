"""Parts of pages that are the same for everybody, rendered once for each language.

Whoever changes such a template while serving it sees that only with DEBUG, as with every template.
"""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def unchanging(name: str, **numbers: int) -> SafeString:
    """The template `name`, in the language that is spoken.

    It is told `numbers`, and nothing of who asks: nothing of one person can come to be on another's page.
    """
    render = render_part if settings.DEBUG else render_once
    return render(name, get_language() or "", **numbers)


def render_part(name: str, language: str, **numbers: int) -> SafeString:
    return render_to_string(name, numbers)


render_once = cache(render_part)
