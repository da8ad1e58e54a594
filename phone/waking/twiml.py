"""The TwiML for a caller who waits until somebody who was woken has a page open."""

from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

# Between two looks whether a page has come up.
LOOK_SECONDS = 2


def build_waiting(account: TwilioAccount, query: str) -> str:
    """Waits a moment and asks again, at an address that ends in `query`.

    As the first verb <Pause> delays the answer, so the caller hears it ring:
    https://www.twilio.com/docs/voice/twiml/pause.
    """
    response = VoiceResponse()
    response.pause(length=LOOK_SECONDS)
    response.redirect(account.build_address("woken") + query, method="POST")
    return str(response)
