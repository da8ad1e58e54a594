"""The product's settings, with its files served as they are written: nothing has to be collected first.

Not by DEBUG, which would also show Django's own error pages in place of the product's.
"""

from dognbone.settings import *  # noqa: F403
from dognbone.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
