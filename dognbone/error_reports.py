"""What an error page or report may show: names of variables and fields, never their values.

Django hides values by the name of the variable, and only outside DEBUG. Any variable of this
product could hold somebody's Twilio secret, so none is shown, in DEBUG neither.
"""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from dognbone.redaction import REDACTED, redact

SHOWN_TYPES = (int, float, bool, type(None))


class ReporterFilter(SafeExceptionReporterFilter):
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|DATABASE|CACHES|CHANNEL_LAYERS|REDIS|EMAIL",
        flags=re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        fields = QueryDict(mutable=True)
        for name in getattr(request, "POST", ()):
            fields[name] = self.cleansed_substitute
        return fields

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        return {
            name: value if isinstance(value, SHOWN_TYPES) else Hidden(value)
            for name, value in tb_frame.f_locals.items()
        }.items()


class Hidden:
    """Stands for a value, and shows only its type."""

    def __init__(self, value: object) -> None:
        self.type_name = type(value).__name__

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Reporter(ExceptionReporter):
    """Django's report, with the messages of the exceptions redacted too."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for name in ("exception_value", "exception_notes", "request_insecure_uri"):
            if data.get(name):
                data[name] = redact(str(data[name]))
        address, asked, _ = str(data.get("request_insecure_uri", "")).partition("?")
        data["request_insecure_uri"] = f"{address}?{REDACTED}" if asked else address
        data["request_COOKIES_items"] = [
            (name, REDACTED) for name, _ in data.get("request_COOKIES_items", ())
        ]
        for name in ("request_GET_items", "request_FILES_items"):
            if data.get(name):
                data[name] = [(field, REDACTED) for field, _ in data[name]]
        if data.get("request_meta"):
            data["request_meta"] = {
                name: REDACTED
                if name == "QUERY_STRING"
                else redact(value)
                if isinstance(value, str)
                else value
                for name, value in data["request_meta"].items()
            }
        return data

    def get_traceback_html(self) -> SafeString:
        """The address that failed stands in several places of Django's page."""
        return mark_safe(redact(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return mark_safe(redact(super().get_traceback_text()))

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        frames = super().get_traceback_frames()
        for frame in frames:
            frame["exc_cause"] = redact(str(frame["exc_cause"])) if frame["exc_cause"] else None
        return frames
