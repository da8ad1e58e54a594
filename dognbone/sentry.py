"""Errors, told to a Sentry: where each was, and nothing of whom it befell.

Begun by `dognbone/apps.py` where SENTRY_DSN is set, else neither this nor the package is imported. An event
is made anew of what it may say: the error's class, its stack without variables, the log's sentence before
anything was filled in, and the request's id, by which the log has the rest.
"""

import logging
import re
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from structlog.contextvars import get_contextvars

from dognbone.redaction import redact

KEPT = ("event_id", "timestamp", "level", "platform", "release", "logger", "sdk")
OF_FRAME = {"filename", "abs_path", "function", "module", "lineno", "in_app"}
OF_FRAME |= {"pre_context", "context_line", "post_context"}
# What a sentence may hold all the same: e-mail addresses, Twilio's SIDs, telephone numbers.
PERSONAL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+|\b[A-Z]{2}[0-9a-fA-F]{32}\b|\+?\d[\d .()/-]{5,}\d")


def begin(**options: Any) -> None:
    """`options` go to the package as well: a test's transport."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.VERSION,
        server_name="",
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        # Each of the others adds something of the process, the request or the person.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
        ],
        before_send=clean,
        before_breadcrumb=lambda crumb, hint: None,
        **options,
    )


def clean(event: Any, hint: Any) -> Any:
    """A new event of what the old one may tell."""
    cleaned = {name: event[name] for name in KEPT if name in event}
    if sentence := event.get("logentry", {}).get("message"):
        cleaned["logentry"] = {"message": blank(str(sentence))}
    if errors := event.get("exception", {}).get("values"):
        cleaned["exception"] = {"values": [clean_error(one) for one in errors]}
    if request_id := get_contextvars().get("request_id"):
        cleaned["tags"] = {"request_id": request_id}
    return cleaned


def clean_error(error: Any) -> dict[str, Any]:
    """Without its own words, which may name anybody; the log has them under the request's id."""
    frames = error.get("stacktrace", {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "mechanism": {"type": (error.get("mechanism") or {}).get("type", "generic"), "handled": True},
        "stacktrace": {"frames": [{name: one[name] for name in OF_FRAME & set(one)} for one in frames]},
    }


def blank(sentence: str) -> str:
    return PERSONAL.sub("[…]", redact(sentence))
