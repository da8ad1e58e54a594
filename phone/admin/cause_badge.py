"""Why a call ended, in a list: in words, coloured by whether it is ours to mend."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from phone.call_failures.blame import OURS
from phone.causes.cause import build_cause


def show_cause(slug: str) -> SafeString:
    blame = "credentials" if slug in OURS else "other"
    return format_html(
        '<span class="verdict verdict-{}" data-cause="{}">{}</span>', blame, slug, build_cause(slug).title
    )
