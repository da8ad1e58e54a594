"""Django as one would first set it up, over the product's own tables."""

import os

from dognbone.settings import *  # noqa: F403
from dognbone.settings import DATABASES

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Does next to nothing, and allauth, whose tables are among the product's, insists on it.
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "bench.tokens.stock"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
DATABASES["default"] |= {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}, "CONN_MAX_AGE": 60}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CSRF_TRUSTED_ORIGINS = [f"http://127.0.0.1:{os.environ.get('STOCK_PORT', '')}"]
