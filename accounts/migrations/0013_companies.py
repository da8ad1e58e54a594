import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


def make_memberships(apps, schema_editor):
    """One for each who has connected; whoever did so first is the owner of the account."""
    membership = apps.get_model("accounts", "Membership")
    credentials = apps.get_model("accounts", "TwilioCredentials").objects.order_by("created_at", "pk")
    owned, rows = set(), []
    for key, user, account, created_at in credentials.values_list("pk", "user", "account", "created_at"):
        role = "member" if account in owned else "owner"
        owned.add(account)
        rows.append(
            membership(user_id=user, account_id=account, credentials_id=key, role=role, since=created_at)
        )
    membership.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_what_things_are_called"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member")],
                        default="member",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("may_call_out", models.BooleanField(default=True, verbose_name="may call numbers")),
                ("may_call_abroad", models.BooleanField(default=True, verbose_name="may call abroad")),
                (
                    "may_hear_recordings",
                    models.BooleanField(default=True, verbose_name="may hear recordings"),
                ),
                (
                    "may_show_any_number",
                    models.BooleanField(
                        default=True,
                        help_text="Else from those chosen alone.",
                        verbose_name="may call from any number",
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                (
                    "asked_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since when this person, who proved the same account, waits for the owner’s word.",
                        null=True,
                        verbose_name="asked at",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose colleague this person is. Empty: the owner has refused them; they are nobody’s.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="accounts.twilioaccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "caller_ids",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="accounts.phonenumber",
                        verbose_name="numbers to call from",
                    ),
                ),
                (
                    "credentials",
                    models.ForeignKey(
                        help_text="On which this phone runs: this person’s own, or the owner’s.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="accounts.twiliocredentials",
                        verbose_name="credentials",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="membership",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["since", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("role", "owner")),
                        fields=("account",),
                        name="one_owner_of_an_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role", "member"), ("account__isnull", False), _connector="OR"),
                        name="an_owner_has_an_account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "refused_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="refused at"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_members",
                        to="accounts.twilioaccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="refused by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_by_owners",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "refusal of a member",
                "verbose_name_plural": "refusals of members",
                "ordering": ["refused_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "user"), name="one_refusal_of_a_person")
                ],
            },
        ),
        migrations.RunPython(make_memberships, migrations.RunPython.noop, elidable=True),
    ]
