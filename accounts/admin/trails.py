"""Where the admin shows what happened: around a failure, to a person, on an account."""

import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext


def build_trail_address(
    *, page_session: uuid.UUID | None, user_id: int | None, email: str, at: datetime
) -> str:
    """That of the page load, else of the person, else the list of what a stranger's e-mail failed with."""
    moment = f"?{urlencode({'at': at.isoformat()})}#sought"
    if page_session:
        return reverse("admin:page_trail", args=[page_session]) + moment
    if user_id:
        return reverse("admin:person_trail", args=[user_id]) + moment
    return f"{reverse('admin:accounts_loginfailure_changelist')}?{urlencode({'q': email, 'reviewed': 'all'})}"


def link_audit_lists(query: str, *, calls_query: str) -> str:
    """Links to the failures, Device events and calls that `query` (`?field=value`) narrows down to."""
    return format_html(
        '<a href="{}{}&amp;reviewed=all">{}</a> · <a href="{}{}">{}</a> · <a href="{}{}">{}</a>',
        reverse("admin:accounts_loginfailure_changelist"),
        query,
        gettext("Login failures"),
        reverse("admin:phone_deviceevent_changelist"),
        query,
        gettext("Device events"),
        reverse("admin:phone_call_changelist"),
        calls_query,
        gettext("Calls"),
    )
