"""PostgreSQL holds what fails from the next month on in a part a month; the table so far is the default part.

No row is moved: docs/decisions/0050-months.md.
"""

from typing import Any

from django.db import migrations

from accounts.audit.months import hold_by_month


def hold(apps: Any, schema_editor: Any) -> None:
    hold_by_month(schema_editor.connection, "accounts_loginfailure", by="failed_at")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_invitations")]

    operations = [migrations.RunPython(hold, migrations.RunPython.noop)]
