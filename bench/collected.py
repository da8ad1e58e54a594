"""The product's settings as in production, with its static files collected."""

import os
from pathlib import Path

from bench.settings import *  # noqa: F403
from bench.settings import STORAGES

STATIC_ROOT = Path(os.environ["BENCH_STATIC_ROOT"])
# What lies here has an address of its own, at the root.
WHITENOISE_ROOT = f"{STATIC_ROOT}.bare"
SILENCED_SYSTEM_CHECKS = []
DEBUG = WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
STORAGES["staticfiles"] = {"BACKEND": "dognbone.storage.StaticFilesStorage"}
