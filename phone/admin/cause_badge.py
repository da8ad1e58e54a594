"""Why a call ended, in a list: in words, coloured by whether it is ours to mend."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from phone.call_failures.blame import OURS
from phone.causes.describing import BLOCKED, name_cause


def show_cause(slug: str, *, is_incoming: bool = False) -> SafeString:
    """`is_incoming`: of a call that came in, where that is known."""
    is_blocked = slug == BLOCKED and is_incoming
    blame = "credentials" if slug in OURS and not is_blocked else "other"
    title = name_cause(slug, is_incoming=is_incoming)
    return format_html('<span class="verdict verdict-{}" data-cause="{}">{}</span>', blame, slug, title)
