from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their Twilio accounts"

    def ready(self) -> None:
        from accounts import session_events  # noqa: F401
