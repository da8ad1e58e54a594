"""The product's settings with test values, a quick password hash among them; which database, the run says."""

from tests.settings import *  # noqa: F403
