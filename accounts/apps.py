from django.apps import AppConfig
from django.core.checks import Tags, register


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their Twilio accounts"

    def ready(self) -> None:
        from accounts import session_events  # noqa: F401
        from accounts.audit import triggers

        triggers.connect_signals()
        register(triggers.check_triggers, "dognbone", Tags.database)
