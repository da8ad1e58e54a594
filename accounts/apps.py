from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models import Field, ForeignKey
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and their Twilio accounts")

    def ready(self) -> None:
        from django_tasks.signals import task_finished, task_started

        from accounts import session_events  # noqa: F401
        from accounts.among import Among
        from accounts.audit import months, triggers
        from accounts.second_factor import changes  # noqa: F401
        from accounts.sign_ins import noting  # noqa: F401
        from accounts.tasks import settling
        from accounts.twilio import recheck  # noqa: F401

        # A foreign key has none of a field's lookups.
        for kind in (Field, ForeignKey):
            kind.register_lookup(Among)
        # In this order: a month is protected as soon as it is there, by what comes with the triggers.
        triggers.connect_signals()
        months.connect_signals()
        task_started.connect(settling.bind_to_log)
        task_finished.connect(settling.hear_finished)
        register(triggers.check_triggers, "dognbone", Tags.database)
        register(months.check_months, "dognbone", Tags.database)
