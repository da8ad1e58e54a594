"""Where what was just done is kept until an answer tells it: in a cookie for each deed.

Django keeps it in one cookie for all, and of two deeds at once, each sent before the other is answered, the
second's cookie takes the place of the first's. So what a script sends names itself in `X-Deed`, a word that
the browser sends along to where it is redirected to, and is told what is its own, in whichever tab.
"""

import re
from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Deed"
NAME = re.compile(r"[0-9a-f-]{1,36}")


class DeedStorage(CookieStorage):
    """Keeps under the name of the request's deed; a whole page tells whatever no script has come back for."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        shared, deed = self.cookie_name, request.headers.get(HEADER, "")
        is_named = NAME.fullmatch(deed) is not None
        self.cookie_name = f"{shared}.{deed}" if is_named else shared
        self.read = [
            name
            for name in request.COOKIES
            if name in (shared, self.cookie_name) or (not is_named and name.startswith(f"{shared}."))
        ]

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message] | None, bool]:
        cookies = [self.request.COOKIES[name] for name in self.read]
        kept = [one for cookie in cookies for one in self._decode(cookie) or []]  # type: ignore[attr-defined]
        messages = [one for one in kept if one != self.not_finished]
        return messages or None, len(messages) == len(kept)

    def _store(
        self,
        messages: list[Message],
        response: HttpResponseBase,
        remove_oldest: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> list[Message]:
        keep = super()._store  # type: ignore[misc]
        left: list[Message] = keep(messages, response, remove_oldest, *args, **kwargs)
        # What was in them is told, or in the request's own by now.
        own, before = self.cookie_name, self.read
        for self.cookie_name in before:
            if self.cookie_name != own:
                self._update_cookie("", response)  # type: ignore[attr-defined]
        self.cookie_name = own
        return left


class Storage(FallbackStorage):
    """`MESSAGE_STORAGE` names this class. What is too much for a cookie is in the session."""

    storage_classes = (DeedStorage, SessionStorage)
