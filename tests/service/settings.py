"""What the servers of these tests run with: the product's settings, mail by SMTP, and files uncollected."""

from tests.settings import *  # noqa: F403
from tests.settings import EMAIL_CONFIG

EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
