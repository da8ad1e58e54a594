"""Connecting a Twilio account."""

from typing import Any

urlpatterns: list[Any] = []
