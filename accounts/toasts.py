"""What was just done, said once: kept for the next answer, whatever shape that has.

A whole page has it in `toasts.html`, where it is seen without a script too; the answer to a fragment has it
in its header `X-Toasts`, whatever part of the answer is taken over. `static/toasts.js` shows both alike. What
was deleted says how that is undone: each `Deed` is a button that posts.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.translated import Words

HEADER = "X-Toasts"


@dataclass(frozen=True)
class Deed:
    """A button: what it is called, and the address that it posts to."""

    label: str
    url: str


@dataclass(frozen=True)
class Toast:
    words: str
    is_bad: bool
    deeds: Sequence[Deed]


def say_done(request: HttpRequest, words: Words, *, undo: str = "", more: Sequence[Deed] = ()) -> None:
    """Says `words`; `undo` is the address that takes it back."""
    deeds = [*([Deed(_("Undo"), undo)] if undo else []), *more]
    kept = json.dumps([[deed.label, deed.url] for deed in deeds]) if deeds else ""
    messages.success(request, str(words), extra_tags=kept)


def get_toasts(request: HttpRequest) -> list[Toast]:
    """All that was said since the last answer that told any."""
    return [build_toast(message) for message in messages.get_messages(request)]


def build_toast(message: Message) -> Toast:
    # What others say, as allauth does, may have tags of its own.
    kept = json.loads(message.extra_tags) if message.extra_tags.startswith("[[") else []
    return Toast(
        words=str(message.message),
        is_bad=message.level >= messages.WARNING,
        deeds=[Deed(label, url) for label, url in kept],
    )


def offer_toasts(request: HttpRequest) -> dict[str, Callable[[], list[Toast]]]:
    """For every template, `toasts`; told once they are asked for."""
    return {"toasts": partial(get_toasts, request)}


def put_toasts(request: HttpRequest, response: HttpResponse) -> None:
    if toasts := get_toasts(request):
        response[HEADER] = json.dumps([asdict(toast) for toast in toasts])
