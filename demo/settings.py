"""The product's settings, and the panel beside it; only where the demo has started the fake Twilio."""

from dognbone.settings import *  # noqa: F403
from dognbone.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
MIDDLEWARE = [*MIDDLEWARE, "demo.middleware.rehearsal_script"]
ROOT_URLCONF = "demo.urls"
