from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_languages")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="facts",
            field=models.JSONField(
                db_default={},
                default=dict,
                help_text="What its reason names beside its key: numbers, names.",
            ),
        ),
        # The column stays as it is: a server of the version before goes on writing it while this one starts.
        migrations.AlterField(
            model_name="alarm",
            name="reason",
            field=models.CharField(blank=True, db_column="reason", max_length=300),
        ),
        migrations.RenameField(model_name="alarm", old_name="reason", new_name="kept_reason"),
    ]
