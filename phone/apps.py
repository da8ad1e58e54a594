from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = _("Phone")

    def ready(self) -> None:
        # What the worker does by the clock is known as soon as it is loaded.
        # These hear of every change of a call, of its cause, and of what pages report.
        from phone.answering import unasked  # noqa: F401
        from phone.call_failures import counting  # noqa: F401
        from phone.calling_limits import settling  # noqa: F401
        from phone.calls import reconciling  # noqa: F401
        from phone.calls.changes import call_changed, look_changed
        from phone.calls.unread import build_count_frames
        from phone.causes import attempts, hearing, keeping, unheard  # noqa: F401
        from phone.colleagues import listed, sweeping  # noqa: F401
        from phone.colleagues.telling import build_presence_frames, hear_call, hear_presence, look_later
        from phone.device.greetings import greet_with, part_with
        from phone.device.told import presence_changed
        from phone.echo_tests import leftovers, progress  # noqa: F401
        from phone.in_call import departed  # noqa: F401
        from phone.in_call import reconciling as rooms_reconciling  # noqa: F401
        from phone.in_call.following import ends, ready  # noqa: F401
        from phone.in_call.telling import build_frames_of, hear_changed
        from phone.in_call.vanished import hear_gone
        from phone.recents import keeping as recents_keeping  # noqa: F401
        from phone.recents import notes, renaming  # noqa: F401
        from phone.recordings import asking, automatic  # noqa: F401
        from phone.voicemail import arriving  # noqa: F401
        from phone.voicemail import counting as voicemail_counting  # noqa: F401
        from phone.waking import calls as waking_calls  # noqa: F401
        from phone.waking import signing_out  # noqa: F401

        call_changed.connect(hear_changed, dispatch_uid="calls of people")
        look_changed.connect(hear_changed, dispatch_uid="calls of people")
        call_changed.connect(hear_call, dispatch_uid="presence of people in calls")
        presence_changed.connect(hear_presence, dispatch_uid="presence of people")
        greet_with(build_frames_of)
        greet_with(build_presence_frames)
        greet_with(build_count_frames)
        part_with(hear_gone)
        part_with(look_later)
