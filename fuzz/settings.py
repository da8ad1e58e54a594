"""The product's settings with test values, a quick password hash among them; which database, the run says.

What is there only where it is set, is set: browsers that are woken, and figures.
"""

from tests.settings import *  # noqa: F403

VAPID_PRIVATE_KEY = "A" * 42 + "E"
METRICS_TOKEN = "fuzz"
