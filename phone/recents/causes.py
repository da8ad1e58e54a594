"""What a cause is called in the list."""

from phone.calls.call import Call

TITLES = {
    "answered": "Answered",
    "busy": "Busy",
    "declined": "Declined",
    "no_answer": "No answer",
    "canceled": "Given up",
    "answered_elsewhere": "Answered elsewhere",
    "missed": "Missed",
    "nobody_available": "Missed, nobody was there",
    "do_not_disturb": "Missed, not to be disturbed",
    "voicemail": "Left a message",
    "invalid_number": "Not a number",
    "number_unreachable": "Number not reachable",
    "number_blocked": "Number blocked",
    "country_not_allowed": "Country not allowed",
    "caller_id_refused": "Number called from was refused",
    "refused_here": "Not allowed here",
    "trial_limit": "Trial account’s limit",
    "concurrency_limit": "Too many calls at once",
    "voice_disabled": "Account may not call",
    "account_not_active": "Account not active",
    "twiml_app_missing": "TwiML App missing",
    "webhook_failed": "Our server did not answer",
    "microphone_denied": "Microphone not allowed",
    "microphone_missing": "No microphone",
    "media_blocked": "No sound",
    "connection_lost": "Connection lost",
    "twilio_unavailable": "Twilio not available",
    "unclear": "Not connected",
}
# While it goes on.
GOING_ON = {"in-progress": "In a call"}


def name_cause(slug: str, status: str) -> str:
    """`status` is the call's own, which tells what goes on while there is no cause."""
    if not slug:
        return GOING_ON.get(status, "Ringing")
    return TITLES.get(slug, slug.replace("_", " ").capitalize())


def describe_end(call: Call) -> str:
    """What the caller was told instead of being connected."""
    return call.ending
