"""The phone page, its token, and the addresses that Twilio calls."""

from typing import Any

urlpatterns: list[Any] = []
