"""The peer of the voice webhook: a Flask view that checks Twilio's signature, and dials. Nothing is kept."""

import os

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

application = Flask(__name__)
validator = RequestValidator(os.environ["AUTH_TOKEN"])
public_url = os.environ["BARE_URL"]


@application.post("/voice")
def voice() -> Response:
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(public_url + request.full_path.rstrip("?"), request.form, signature):
        abort(403)
    response = VoiceResponse()
    response.dial(caller_id="+14155550100").number(request.form["To"])
    return Response(str(response), content_type="text/xml")
