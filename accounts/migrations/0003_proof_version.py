from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_index_searches"),
    ]

    operations = [
        migrations.AddField(
            model_name="twiliocredentials",
            name="proof_version",
            field=models.PositiveIntegerField(
                default=0,
                help_text="One more with each doubt and each saving: a check that began before proves nothing.",
            ),
        ),
    ]
