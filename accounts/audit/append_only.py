"""Rows that are written once: the audit trail's rule, in the ORM.

The database enforces the same by triggers (`accounts/audit/triggers.py`); this says it sooner and in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models


@dataclass(frozen=True)
class KeptFor:
    """How long a table's rows are kept: `days` after the time in their column `aged_by`.

    A table that is not append-only says so as its `kept_for`; `only` narrows which of its rows age.
    """

    aged_by: str
    days: int
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AppendOnlyRule:
    """What of a table may change, and how long its rows are kept (None: for ever).

    `by_month` has PostgreSQL hold each month in a part of its own (`months.py`): the field by which a row's
    month is told, its time or a UUID of version 7. Whatever is to be unique over all months must have it.
    """

    kept_for: KeptFor | None = None
    may_change: tuple[str, ...] = ()
    by_month: str = ""


class AppendOnly(Exception):
    """Somebody tried to change or delete an audit row."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that are written once. Retention (`accounts/audit/retention.py`) has its own way out."""

    def update(self, **fields: Any) -> int:
        raise AppendOnly(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self.model.__name__} rows are never deleted.")


class AppendOnlyModel(models.Model):
    """A row that can be written once, and neither changed nor deleted through the ORM."""

    append_only: ClassVar[AppendOnlyRule]

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(f"{type(self).__name__} rows are never changed.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{type(self).__name__} rows are never deleted.")
