"""The table of what colleagues were last told of somebody, so that they are told of changes alone.

Whoever finds out what has become of somebody locks their row first: of two servers that do so at once, the
later one sees more. `version` tells pages which of two frames is the newer, whichever comes first.
"""

from collections.abc import Collection

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from phone.colleagues.seeing import Seen, see


class ToldState(models.Model):
    """What is told of one person."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="told_state"
    )
    state = models.CharField(max_length=16, blank=True, help_text="Empty until anything was told.")
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("told state")
        verbose_name_plural = _("told states")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}, {self.version}"


@transaction.atomic
def note_changes(people: Collection[int]) -> list[Seen]:
    """Those of `people`, by their keys, who are not what was told of them last: as they are now."""
    known = lock(people)
    changed = []
    for seen in see(people):
        row = known.get(seen.pk)
        if row is not None and row.state != seen.state:
            seen.version = row.version + 1
            changed.append(seen)
    for state in {seen.state for seen in changed}:
        rows = ToldState.objects.filter(user__in=[seen.pk for seen in changed if seen.state == state])
        rows.update(state=state, version=models.F("version") + 1)
    return changed


def lock(people: Collection[int]) -> dict[int, ToldState]:
    """Their rows, those that were missing included; not of people who are gone."""
    rows = ToldState.objects.select_for_update().filter(user__in=people).order_by("pk")
    known = {row.pk: row for row in rows}
    missing = set(people) - set(known)
    if missing:
        there = User.objects.filter(pk__in=missing).values_list("pk", flat=True)
        ToldState.objects.bulk_create((ToldState(user_id=pk) for pk in there), ignore_conflicts=True)
        known = {row.pk: row for row in rows.all()}
    return known
