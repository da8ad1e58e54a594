"""What the product runs with in the soak: as in tests of the whole service, with a clock that can be set."""

from soak import clock
from tests.service.settings import *  # noqa: F403

clock.install()
