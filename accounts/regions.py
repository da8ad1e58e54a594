"""Twilio's regions: where credentials live, and the edge by which each is reached.

https://www.twilio.com/docs/global-infrastructure
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Region(models.TextChoices):
    """The regions in which an account can have credentials, named as in Twilio's console, with its code."""

    US1 = "us1", _("United States (US1)")
    IE1 = "ie1", _("Ireland (IE1)")
    AU1 = "au1", _("Australia (AU1)")


# Region and edge go together: twilio-python builds a dead host name from a region alone, and the browser's
# SDK looks for a key of Ireland or Australia in the wrong place. US1 is where both look by themselves.
EDGES: Mapping[str, str] = {Region.IE1: "dublin", Region.AU1: "sydney"}
