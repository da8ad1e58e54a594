"""A greeting's sound as the page records it: WAV, mono, 8,000 samples a second of 16 bits, a minute at most.

That is what the telephone network carries, and what Twilio plays as it is:
https://www.twilio.com/docs/voice/twiml/play#supported-audio-file-types.
"""

import io
import wave

from django.utils.translation import gettext as _

SAMPLE_RATE = 8000
SAMPLE_BYTES = 2
LEAST_SECONDS, MOST_SECONDS = 1, 60
HEADER_BYTES = 44
MOST_BYTES = MOST_SECONDS * SAMPLE_RATE * SAMPLE_BYTES + HEADER_BYTES


class BadSound(ValueError):
    """`str()` says what was seen, and what is expected."""


def read_sound(body: bytes) -> tuple[bytes, float]:
    """The file in `body`, written anew with nothing but its samples; and its seconds. Raises BadSound."""
    if len(body) > MOST_BYTES:
        raise BadSound(_("The recording is longer than {seconds} seconds.").format(seconds=MOST_SECONDS))
    try:
        with wave.open(io.BytesIO(body)) as found:
            shape = (found.getnchannels(), found.getframerate(), found.getsampwidth())
            samples = found.readframes(found.getnframes())
    except (wave.Error, EOFError, ValueError, RuntimeError, OverflowError) as error:
        words = _(
            "This is no recording that can be played; a WAV file was expected: "
            "one channel, 8,000 samples a second, 16 bits each."
        )
        raise BadSound(words) from error
    if shape != (1, SAMPLE_RATE, SAMPLE_BYTES):
        channels, rate, size = shape
        words = _(
            "The recording has {channels} channels, {rate} samples of {bits} bits; a WAV file was expected: "
            "one channel, 8,000 samples a second, 16 bits each."
        )
        raise BadSound(words.format(channels=channels, rate=rate, bits=size * 8))
    samples = samples[: len(samples) // SAMPLE_BYTES * SAMPLE_BYTES]
    seconds = len(samples) / SAMPLE_BYTES / SAMPLE_RATE
    if seconds < LEAST_SECONDS:
        raise BadSound(_("The recording is shorter than a second. Please record it again."))
    return write_sound(samples), seconds


def write_sound(samples: bytes) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setframerate(SAMPLE_RATE)
        file.setsampwidth(SAMPLE_BYTES)
        file.writeframes(samples)
    return written.getvalue()
