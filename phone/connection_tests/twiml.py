"""What Twilio is told to do with a test's own call: it talks to nobody, and no row is made of it.

The page's parameters of a call come to the Voice URL as they are:
https://www.twilio.com/docs/voice/sdks/javascript/twiliodevice#deviceconnectconnectoptions
"""

from collections.abc import Mapping

from twilio.twiml.voice_response import VoiceResponse

# The parameter by which `static/phone/device/test-line.js` marks its call, and its value.
MARK, LINE = "ConnectionTest", "line"
SENTENCE = "This is a test of your connection."
# Longer than the page's own limit for measuring, so that it is the page that hangs up.
SECONDS = 20


def is_connection_test(params: Mapping[str, str]) -> bool:
    return params.get(MARK) == LINE


def build_test_line() -> str:
    """Answers with a sentence, and then keeps the line open: a pause alone would not be an answer.

    What the page sends is neither heard by anybody nor recorded: that it arrives, Twilio reports by RTCP.
    https://www.twilio.com/docs/voice/twiml/pause
    """
    response = VoiceResponse()
    response.say(SENTENCE)
    response.pause(length=SECONDS)
    response.hangup()
    return str(response)
