from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "Phone"

    def ready(self) -> None:
        # What the worker does by the clock is known as soon as it is loaded.
        # These hear of every change of a call, of its cause, and of what pages report.
        from phone.answering import unasked  # noqa: F401
        from phone.call_failures import counting  # noqa: F401
        from phone.calls import reconciling  # noqa: F401
        from phone.calls.changes import call_changed, look_changed
        from phone.calls.unread import build_count_frame
        from phone.causes import attempts, hearing, keeping, unheard  # noqa: F401
        from phone.device.greetings import greet_with, part_with
        from phone.in_call import reconciling as rooms_reconciling  # noqa: F401
        from phone.in_call.telling import build_frame, hear_changed
        from phone.in_call.vanished import hear_gone
        from phone.recents import keeping as recents_keeping  # noqa: F401
        from phone.recents import notes, renaming  # noqa: F401
        from phone.recordings import asking, automatic  # noqa: F401
        from phone.voicemail import arriving  # noqa: F401
        from phone.voicemail import counting as voicemail_counting  # noqa: F401

        call_changed.connect(hear_changed, dispatch_uid="calls of people")
        look_changed.connect(hear_changed, dispatch_uid="calls of people")
        greet_with(build_frame)
        greet_with(build_count_frame)
        part_with(hear_gone)
