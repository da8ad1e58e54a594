from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "Phone"

    def ready(self) -> None:
        # What the worker does by the clock, and who hears of changes, is known as soon as it is loaded.
        from phone.calls import reconciling  # noqa: F401
        from phone.recordings import asking, automatic  # noqa: F401
        from phone.voicemail import arriving  # noqa: F401
