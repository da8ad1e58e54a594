import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_second_factors_and_sign_ins"),
    ]

    operations = [
        migrations.CreateModel(
            name="Departure",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="departure",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("taken_away", "Taken away by the owner"),
                            ("left", "Left"),
                            ("connection_removed", "The owner removed the connection"),
                        ],
                        max_length=20,
                        verbose_name="why",
                    ),
                ),
                ("whose", models.CharField(help_text="What the owner was called.", max_length=254)),
                (
                    "happened_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="happened at"),
                ),
            ],
            options={
                "verbose_name": "departure",
                "verbose_name_plural": "departures",
            },
        ),
        migrations.CreateModel(
            name="CompanyChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="changed at"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Proved the same account, and asks to join"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("invited", "Invited"),
                            ("taken_back", "Invitation taken back"),
                            ("joined", "Joined"),
                            ("rights", "Rights changed"),
                            ("taken_away", "Phone taken away"),
                            ("left", "Left"),
                            ("handed_over", "Ownership handed over"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("account_sid", models.CharField(max_length=34, verbose_name="Account SID")),
                ("by_email", models.CharField(max_length=254, verbose_name="by")),
                ("about_email", models.CharField(max_length=254, verbose_name="about")),
                (
                    "facts",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Which of the rights were changed.",
                        verbose_name="facts",
                    ),
                ),
                ("ip_address", models.GenericIPAddressField(null=True, verbose_name="ip address")),
                ("user_agent", models.CharField(blank=True, max_length=400, verbose_name="user agent")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="company_changes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "change in a company",
                "verbose_name_plural": "changes in companies",
                "ordering": ["-changed_at", "-id"],
                "indexes": [
                    models.Index(fields=["-changed_at", "-id"], name="company_change_newest"),
                    models.Index(fields=["account_sid", "-changed_at"], name="company_change_of_account"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("may_call_out", models.BooleanField(default=True, verbose_name="may call numbers")),
                ("may_call_abroad", models.BooleanField(default=False, verbose_name="may call abroad")),
                (
                    "may_hear_recordings",
                    models.BooleanField(default=False, verbose_name="may hear recordings"),
                ),
                (
                    "invited_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="invited at"),
                ),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="accepted at")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="taken back at")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.twilioaccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-invited_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        fields=("account", "email"),
                        name="one_waiting_invitation",
                    )
                ],
            },
        ),
    ]
