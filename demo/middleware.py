"""Puts the script that plays the browser's part in front of everything else on the phone page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html

from demo.views import get_part_in_browser
from fake_twilio.catalogue import ECHO_NUMBER

Handler = Callable[[HttpRequest], HttpResponse]
BEFORE = b"</title>"


def rehearsal_script(get_response: Handler) -> Handler:
    """The page itself comes from Dog n Bone as it is, and knows nothing of this."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if match and match.url_name == "phone" and response.status_code == 200 and not response.streaming:
            script = format_html(
                '\n  <script src="{}" data-plays="{}" data-number="{}"></script>',
                static("demo/rehearsal.js"),
                get_part_in_browser(request),
                ECHO_NUMBER,
            )
            response.content = response.content.replace(BEFORE, BEFORE + script.encode(), 1)
        return response

    return answer
