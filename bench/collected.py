"""The product's settings as in production, with its static files collected."""

import os
from pathlib import Path
from typing import Any

from bench.settings import *  # noqa: F403
from bench.settings import STORAGES
from dognbone.headers import CSP, add_to_file

STATIC_ROOT = Path(os.environ["BENCH_STATIC_ROOT"])
# What lies here has an address of its own, at the root.
WHITENOISE_ROOT = f"{STATIC_ROOT}.bare"
SILENCED_SYSTEM_CHECKS = []
DEBUG = WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
STORAGES["staticfiles"] = {"BACKEND": "dognbone.storage.StaticFilesStorage"}


def add_headers(headers: Any, path: str, url: str) -> None:
    """A file has a policy under which nothing runs; the bare page is a file, and has to run."""
    add_to_file(headers, path, url)
    if url == "/bare.html":
        headers[CSP] = "default-src *"


WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
