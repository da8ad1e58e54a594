"""The product's settings as in production, without the rate limits that a benchmark would run into."""

from dognbone.settings import *  # noqa: F403
from dognbone.settings import BASE_DIR, SILENCED_SYSTEM_CHECKS, STORAGES

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
# Pages are drawn without collecting the static files first.
STATIC_ROOT = BASE_DIR / "static"
SILENCED_SYSTEM_CHECKS += ["staticfiles.E002"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Pages are asked for by people whom nobody has given a second factor.
REQUIRE_SECOND_FACTOR = "nobody"
