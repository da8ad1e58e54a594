"""The address of the timeline that shows what happened around a failure."""

import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse


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
