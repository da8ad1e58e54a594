"""Indexes of tables that are large where the product has been in use: apart from what goes in one transaction.

A database may have them already, by a migration of the version before.
"""

from django.db import migrations, models

from accounts.big_indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("phone", "0019_contacts_apart")]

    operations = [
        AddIndexBeside(
            model_name="call",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["started_at"], name="call_not_ended"
            ),
        ),
        AddIndexBeside(
            model_name="call",
            index=models.Index(fields=["cause", "-started_at", "-id"], name="call_of_cause"),
        ),
        AddIndexBeside(
            model_name="call",
            index=models.Index(
                fields=["account", "cause", "-started_at", "-id"], name="call_of_account_and_cause"
            ),
        ),
        AddIndexBeside(
            model_name="recentcall",
            index=models.Index(fields=["user", "address", "name"], name="recent_of_address"),
        ),
    ]
