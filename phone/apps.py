from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "Phone"

    def ready(self) -> None:
        # What the worker does by the clock is known as soon as it is loaded.
        # These hear of every change of a call, of its cause, and of what pages report.
        from phone.call_failures import counting  # noqa: F401
        from phone.calls import reconciling  # noqa: F401
        from phone.causes import hearing, keeping  # noqa: F401
