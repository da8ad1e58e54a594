"""What Twilio gets where the TwiML App leads while our own server is rehearsed to be ill."""

import time

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

# Twilio waits for 15 seconds: https://www.twilio.com/docs/usage/webhooks.
LATE_SECONDS = 17


@csrf_exempt
def answer(request: HttpRequest, ailment: str) -> HttpResponse:
    match ailment:
        case "fails":
            return HttpResponse("It is rehearsed that this fails.", status=500)
        case "late":
            time.sleep(LATE_SECONDS)
            return HttpResponse("<Response/>", content_type="text/xml")
        case "nonsense":
            return HttpResponse("<Response><Dial>", content_type="text/xml")
        case "picture":
            return HttpResponse(b"GIF89a", content_type="image/gif")
    raise Http404("Nothing ails this address.")
