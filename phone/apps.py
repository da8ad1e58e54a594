from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "Phone"

    def ready(self) -> None:
        # What the worker does by the clock is known as soon as it is loaded.
        from phone.calls import reconciling  # noqa: F401

        # What hears of a call that has changed, in this order.
        from phone.recents import keeping  # noqa: F401
