"""A verdict in a list: its title, coloured by whether the credentials are to blame."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.verdicts.words import describe_verdict


def show_verdict(slug: str) -> SafeString:
    verdict = describe_verdict(slug)
    blame = "credentials" if verdict.blames_credentials else "other"
    return format_html(
        '<span class="verdict verdict-{}" data-verdict="{}">{}</span>', blame, slug, verdict.title
    )
