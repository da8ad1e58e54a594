"""Letters about a company, each in the language of whoever gets it; no secret but an invitation's link."""

from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.languages import writing_to
from accounts.letters import post
from accounts.people import User


def write(kind: str, *, to: User | None, address: str = "", about: str = "", **facts: Any) -> None:
    """Has a worker send the letter `company/email/<kind>.txt`, whose first line is its title.

    `to`: who it is for, or None of somebody whom Dog n Bone does not know, at `address`.
    """
    if to is not None and not to.is_active:
        return
    with writing_to(to):
        text = render_to_string(f"company/email/{kind}.txt", {"person": to, **facts})
    title, _, body = text.strip().partition("\n")
    # What somebody is called may hold a line break nowhere, and a title must not.
    message = EmailMessage(" ".join(title.split()), body.lstrip(), to=[to.email if to else address])
    post(message, about=about)
