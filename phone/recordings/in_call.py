"""Recording asked for on the page, during a call: `POST /phone/calls/<call_sid>/<deed>/`."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.people import User, get_user
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.recordings.deeds import pause_recording, resume_recording, start_recording, stop_recording
from phone.recordings.recordings import Recording
from phone.recordings.refusals import CannotRecord
from phone.recordings.state import get_recording_state

DEEDS: dict[str, Callable[[User, Call], Recording]] = {
    "record": start_recording,
    "pause-recording": pause_recording,
    "resume-recording": resume_recording,
    "stop-recording": stop_recording,
}


class RecordingDeed(StringConverter):
    regex = "|".join(DEEDS)


register_converter(RecordingDeed, "recording_deed")


@require_POST
@never_cache
@login_required
def recording_deed(request: HttpRequest, call_sid: str, deed: str) -> JsonResponse:
    """`{"recording": "off|on|paused"}`, or why not. To those who do not talk on the call it is not there."""
    person = get_user(request)
    talking = CallLeg.objects.filter(user=person, call__call_sid=call_sid, ended_at=None)
    mine = Call.objects.filter(account__credentials__user=person).select_related("account", "conference")
    call = get_object_or_404(mine.filter(legs__in=talking).distinct(), call_sid=call_sid)
    try:
        DEEDS[deed](person, call)
    except CannotRecord as refusal:
        return JsonResponse(refusal.as_json(), status=refusal.status)
    return JsonResponse({"recording": get_recording_state(call)})
