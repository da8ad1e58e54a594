"""What is taken as a recorded greeting."""

import io
import wave

import pytest

from phone.answering.sound import MOST_BYTES, BadSound, read_sound


def build_wav(seconds: float = 2, rate: int = 8000, channels: int = 1, size: int = 2) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(channels)
        file.setframerate(rate)
        file.setsampwidth(size)
        file.writeframes(bytes(range(256)) * (int(seconds * rate * channels * size) // 256 + 1))
    return written.getvalue()


def test_a_recording_of_the_telephones_kind_is_taken() -> None:
    content, seconds = read_sound(build_wav(2))
    assert 2 <= seconds < 2.1
    assert read_sound(content) == (content, seconds)


def test_only_its_samples_are_kept() -> None:
    plain = build_wav(1)
    with_note = plain + b"LIST\x08\x00\x00\x00INFOnote"
    assert read_sound(with_note)[0] == read_sound(plain)[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no recording that can be played"),
        (b"\x00" * 1000, "no recording that can be played"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "no recording that can be played"),
        (build_wav()[:30], "no recording that can be played"),
        (build_wav(0.2), "shorter than a second"),
        (build_wav(rate=44100), "44100 samples of 16 bits"),
        (build_wav(channels=2), "2 channels"),
        (build_wav(size=1), "8 bits"),
        (bytes(MOST_BYTES + 1), "longer than 60 seconds"),
    ],
)
def test_anything_else_is_refused_with_what_was_seen(body: bytes, said: str) -> None:
    with pytest.raises(BadSound, match=said):
        read_sound(body)
