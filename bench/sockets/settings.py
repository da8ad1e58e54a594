"""The product's settings as in production, with its cache and channel layer, and no file collected."""

from dognbone.settings import *  # noqa: F403
from dognbone.settings import BASE_DIR, SILENCED_SYSTEM_CHECKS, STORAGES

STATIC_ROOT = BASE_DIR / "static"
SILENCED_SYSTEM_CHECKS += ["staticfiles.E002"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Some are made at once, and have given nobody a second factor.
REQUIRE_SECOND_FACTOR = "nobody"
