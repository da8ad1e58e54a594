"""The product's settings with test values; only what a test run must differ in."""

import base64
import os

os.environ.setdefault("SECRET_KEY", "only for tests")
os.environ.setdefault(
    "CREDENTIAL_KEYS", base64.urlsafe_b64encode(b"a key that is only for test runs").decode()
)
os.environ.setdefault("PUBLIC_URL", "http://localhost:8000")
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
# As in the demo; the tests of a second factor require it where it is their subject.
os.environ.setdefault("REQUIRE_SECOND_FACTOR", "nobody")

from dognbone.settings import *  # noqa: F403, E402
from dognbone.settings import CACHES, CHANNEL_LAYERS, DATABASES, REDIS_URL, STORAGES  # noqa: E402

# A file, because sockets and views write from several threads at once.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(DATABASES["default"]["NAME"]) + ".test"}
# Workers that share a Redis neither hear nor flush each other.
if REDIS_URL:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = worker
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rpartition('/')[0]}/{worker.removeprefix('gw')}"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
