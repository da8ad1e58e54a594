"""The demo's settings, and the panel beside the product; only where the demo has started the fake Twilio."""

from demo.settings import *  # noqa: F403
from demo.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
MIDDLEWARE = [*MIDDLEWARE, "demo.middleware.rehearsal_script"]
ROOT_URLCONF = "demo.urls"
