"""Where what was just done is kept until an answer tells it: in a cookie for each deed.

Django keeps it in one cookie for all, and of two deeds at once, each sent before the other is answered, the
second's cookie takes the place of the first's. So what a script sends names itself in `X-Deed`, a word that
the browser sends along to where it is redirected to, and is told what is its own, in whichever tab.

What was said to somebody, with the buttons that undo it, is read by nobody else: it is signed for its person,
and whoever uses the browser after them has it deleted, signed in or not.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

# The header `X-Deed`.
HEADER = "HTTP_X_DEED"
NAME = re.compile(r"[0-9a-f-]{1,36}")
# An answer is fetched at once, or by the next page that somebody opens.
KEPT_SECONDS = 600
# So much is under way at once, and fits into a request's head of 8 kB, which is what proxies take.
AT_MOST = 6


class DeedStorage(CookieStorage):
    """Keeps under the name of the request's deed; a whole page tells whatever no script has come back for."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.shared = shared = self.cookie_name
        deed = request.META.get(HEADER, "")
        is_named = NAME.fullmatch(deed) is not None
        self.cookie_name = f"{shared}.{deed}" if is_named else shared
        self.read = [
            name
            for name in request.COOKIES
            if name in (shared, self.cookie_name) or (not is_named and name.startswith(f"{shared}."))
        ]

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message] | None, bool]:
        cookies = [self.request.COOKIES[name] for name in self.read]
        kept = [one for cookie in cookies for one in self._decode(cookie) or []]
        messages = [one for one in kept if one != self.not_finished]
        return messages or None, len(messages) == len(kept)

    def _encode_parts(self, *args: Any, **kwargs: Any) -> str | None:
        self._sign_for_reader()
        encoded: str | None = super()._encode_parts(*args, **kwargs)  # type: ignore[misc]
        return encoded

    def _decode(self, data: str | None) -> list[Message] | None:
        self._sign_for_reader()
        decoded: list[Message] | None = super()._decode(data)  # type: ignore[misc]
        return decoded

    def _sign_for_reader(self) -> None:
        """Whoever asks may be another person once they are answered: who has signed in or out by it."""
        reader = self.request.user.pk or ""
        self.signer = signing.get_cookie_signer(salt=f"{self.key_salt}.{reader}")

    def _update_cookie(self, encoded_data: str | None, response: HttpResponseBase) -> None:
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]
        if encoded_data:
            response.cookies[self.cookie_name]["max-age"] = KEPT_SECONDS

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
        self._delete([name for name in self.read if name != self.cookie_name], response)
        return left

    def tidy(self, response: HttpResponseBase) -> None:
        """Deletes what is somebody else's, and the oldest, which browsers name first, of what is too much."""
        cookies = self.request.COOKIES
        before = [name for name in cookies if name == self.shared or name.startswith(f"{self.shared}.")]
        others = [name for name in before if name not in response.cookies]
        own = [name for name in others if self._decode(cookies[name]) is not None]
        room = AT_MOST - (self.cookie_name in response.cookies)
        self._delete([name for name in others if name not in own[-room:]], response)

    def _delete(self, names: list[str], response: HttpResponseBase) -> None:
        own = self.cookie_name
        for self.cookie_name in names:
            self._update_cookie(None, response)
        self.cookie_name = own


class Storage(FallbackStorage):
    """`MESSAGE_STORAGE` names this class. What is too much for a cookie is in the session."""

    storage_classes = (DeedStorage, SessionStorage)

    def update(self, response: HttpResponseBase) -> list[Message] | None:
        left: list[Message] | None = super().update(response)
        # Whether all is well is answered without looking who asks.
        if self.request.path_info not in settings.HEALTH_PATHS:
            self.storages[0].tidy(response)
        return left
