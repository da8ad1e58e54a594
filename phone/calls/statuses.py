"""Twilio's CallStatus in words: https://www.twilio.com/docs/voice/api/call-resource#call-status-values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from accounts.translated import Words

# As all that Twilio has are written, and as long as the columns for one are.
STATUS = re.compile(r"[a-z-]{1,20}")


@dataclass(frozen=True)
class StatusWords:
    """By itself, in a list or as a choice; and within a sentence."""

    title: Words
    within: Words


STATUSES: Mapping[str, StatusWords] = {
    "queued": StatusWords(pgettext_lazy("call", "Queued"), pgettext_lazy("status", "queued")),
    "initiated": StatusWords(pgettext_lazy("call", "Being placed"), pgettext_lazy("status", "initiated")),
    "ringing": StatusWords(pgettext_lazy("call", "Ringing"), pgettext_lazy("status", "ringing")),
    "in-progress": StatusWords(pgettext_lazy("call", "Talking"), pgettext_lazy("status", "in-progress")),
    "completed": StatusWords(pgettext_lazy("call", "Completed"), pgettext_lazy("status", "completed")),
    "busy": StatusWords(pgettext_lazy("call", "Busy"), pgettext_lazy("status", "busy")),
    "no-answer": StatusWords(pgettext_lazy("call", "Not answered"), pgettext_lazy("status", "no-answer")),
    "canceled": StatusWords(pgettext_lazy("call", "Given up"), pgettext_lazy("status", "canceled")),
    "failed": StatusWords(pgettext_lazy("call", "Failed"), pgettext_lazy("status", "failed")),
}


def read_status(params: Mapping[str, str], name: str = "CallStatus") -> str:
    """What Twilio says under `name`, also one that it has had since; "" for what can be none."""
    status = params.get(name, "")
    return status if STATUS.fullmatch(status) else ""


def title_status(status: str) -> str:
    """One that Twilio has had since stands for itself, here and below."""
    return str(STATUSES[status].title) if status in STATUSES else status


def name_status(status: str) -> str:
    return str(STATUSES[status].within) if status in STATUSES else status
