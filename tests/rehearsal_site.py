"""The product with the demo's panel beside it, as `demo/rehearsal_settings.py` has it, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import override_settings


@contextmanager
def rehearsal_site() -> Iterator[None]:
    """What `demo/rehearsal_settings.py` adds, for as long as it lasts."""
    with override_settings(
        INSTALLED_APPS=[*settings.INSTALLED_APPS, "demo"],
        MIDDLEWARE=[*settings.MIDDLEWARE, "demo.middleware.rehearsal_script"],
        ROOT_URLCONF="demo.urls",
    ):
        yield
