"""PostgreSQL holds what comes from the next month on in a part a month; the tables so far are the default parts.

No row is moved: docs/decisions/0050-months.md.
"""

from typing import Any

from django.db import migrations

from accounts.audit.months import hold_by_month


def hold(apps: Any, schema_editor: Any) -> None:
    hold_by_month(schema_editor.connection, "phone_deviceevent", by="event_id")
    hold_by_month(schema_editor.connection, "phone_issuedtoken", by="issued_at")


class Migration(migrations.Migration):
    dependencies = [("phone", "0026_placed_calls_of_a_call")]

    operations = [migrations.RunPython(hold, migrations.RunPython.noop)]
