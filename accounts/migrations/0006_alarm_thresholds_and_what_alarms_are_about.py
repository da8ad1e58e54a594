import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_attempts_kept_while_redis_is_away"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="groups",
            field=models.ManyToManyField(
                help_text="What it is about.", related_name="alarms", to="accounts.failuregroup"
            ),
        ),
        migrations.CreateModel(
            name="AlarmThresholds",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "people",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="people failing the same way",
                    ),
                ),
                (
                    "accounts",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="accounts tried from one address",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="within so many minutes",
                    ),
                ),
                (
                    "settling_days",
                    models.PositiveIntegerField(
                        help_text="So long after the first person joined, nobody is alarmed by a verdict never seen before.",
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="days until what is new is news",
                    ),
                ),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "alarm thresholds",
            },
        ),
    ]
