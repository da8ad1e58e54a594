"""A deed that comes before Twilio's word of the answer waits for it: the page hears of an answer first.

https://www.twilio.com/docs/voice/twiml/client#attributes-status-callback-event: `answered` is a webhook like
any other, which comes a moment after the sound, and later where our server is busy.
"""

import time

from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from phone.in_call.parts import Part, get_part
from phone.in_call.refusals import NotPossible

# Longer than Twilio's callbacks take, and shorter than anybody waits for a button.
SECONDS = 4.0
LOOK_SECONDS = 0.1
NOT_TOLD = _("Twilio has not said yet that the call is answered.")
AGAIN = _("Try again in a moment.")


def wait_until_answered(part: Part) -> Part:
    """`part` as it is once their leg has been answered. Raises NotPossible where that takes too long."""
    deadline = time.monotonic() + SECONDS
    while part.is_answering:
        if time.monotonic() > deadline:
            raise NotPossible(NOT_TOLD, AGAIN)
        leave_database()
        time.sleep(LOOK_SECONDS)
        now = get_part(part.person, part.call.call_sid)
        if now is None:
            break
        part = now
    return part
