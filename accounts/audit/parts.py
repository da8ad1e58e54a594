"""Which tables are held in parts, a month in each, on PostgreSQL; elsewhere no table is.

`months.py` makes the parts and drops them. The part that is for whatever is of no month is the default one.
"""

import re
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts import big_indexes

DEFAULT = "_default"
MONTH = re.compile(r"_(\d{4})_(\d\d)$")


def get_month_key(model: type[models.Model]) -> str:
    """The field whose value says in which month's part a row lies; "" for a table in one piece."""
    rule = getattr(model, "append_only", None)
    return rule.by_month if rule else ""


def list_parts(connection: BaseDatabaseWrapper, model: type[models.Model]) -> list[str]:
    """The tables that are a model's parts, the months in their order; none where it is in one piece."""
    return big_indexes.list_parts(connection, model._meta.db_table) if get_month_key(model) else []


def name_part(model: type[models.Model], month: datetime) -> str:
    return f"{model._meta.db_table}_{month:%Y_%m}"


def name_default(model: type[models.Model]) -> str:
    return f"{model._meta.db_table}{DEFAULT}"


def read_month(part: str) -> datetime | None:
    """When the month of a part begins; None of the default part."""
    found = MONTH.search(part)
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC) if found else None


def next_month(month: datetime) -> datetime:
    """The beginning of the month after the one that `month` is in."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return datetime(year, number + 1, 1, tzinfo=UTC)


def build_bound(field: "models.Field[Any, Any]", moment: datetime) -> str:
    """The least value that a row of `moment` has in the field, a time or a UUID of version 7."""
    if isinstance(field, models.UUIDField):
        milliseconds = f"{int(moment.timestamp() * 1000):012x}"
        return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"
    return moment.isoformat()
