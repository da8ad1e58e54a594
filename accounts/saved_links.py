"""Filtered lists that an admin has given a name, for themselves or for all admins."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedLinkQuerySet(models.QuerySet["SavedLink"]):
    def visible_to(self, person: Any) -> "SavedLinkQuerySet":
        return self.filter(Q(user=person) | Q(is_shared=True))


class SavedLink(models.Model):
    """An address within the admin, and what it is called."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_links")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(max_length=1000, help_text="Path and query, within the admin.")
    is_shared = models.BooleanField(_("for all admins"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = SavedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved link")
        verbose_name_plural = _("saved links")

    def __str__(self) -> str:
        return self.name
