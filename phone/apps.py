from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "Phone"

    def ready(self) -> None:
        # What the worker does by the clock is known as soon as it is loaded.
        from phone.calls import reconciling  # noqa: F401
        from phone.calls.changes import call_changed
        from phone.device.greetings import greet_with
        from phone.in_call import reconciling as rooms_reconciling  # noqa: F401
        from phone.in_call.telling import build_frame, hear_changed

        call_changed.connect(hear_changed, dispatch_uid="calls of people")
        greet_with(build_frame)
