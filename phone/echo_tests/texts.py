"""What is said in an echo test, by a voice, and what it came to, on the page."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.translated import Words

# Said by a voice of the person's own language.
QUESTION = _("This is an echo test. Say something after the tone, and you will hear it as others hear you.")
NOTHING_HEARD = _("Nothing was heard. Please check that your microphone is on and not muted. Goodbye.")
PLAYED = _("That is how others hear you. Goodbye.")
NOT_PLAYED = _("You were heard, but this cannot be played back just now. Please try again later. Goodbye.")
TOO_MANY = _("You have made too many echo tests. Please try again later. Goodbye.")

# On the page, by the result of the test: the cause of the call's end, that in words, and what to do.
ENDS: dict[str, tuple[str, Words, Words]] = {
    "heard": (
        "answered",
        _("You were heard."),
        _("If you did not hear yourself, look at the speaker in the settings."),
    ),
    "silent": (
        "answered",
        _("Nothing was heard from your microphone."),
        _("See that it is on and not muted, and that the right one is chosen in the settings."),
    ),
    "not_played": (
        "twilio_unavailable",
        _("You were heard, but Twilio did not have it ready in time to play it back."),
        _("Try again in a moment."),
    ),
    "left": ("answered", _("You hung up before the echo test was over."), ""),
    "too_many": (
        "refused_here",
        _("You have made more than 20 echo tests within an hour."),
        _("Wait a little."),
    ),
}


def describe_heard(seconds: int) -> str:
    """How much of what was said came back."""
    words = ngettext(
        "You were heard: {count} second of sound went to Twilio and came back.",
        "You were heard: {count} seconds of sound went to Twilio and came back.",
        seconds,
    )
    return words.format(count=seconds)
