"""Makes the phone's sounds: `python tools/make_sounds.py static/phone/sounds`.

All are computed here, 8 kHz, 8 bit, mono. The digits are the pairs of tones of ITU-T Q.23; the
ringing tone is the British one, 400 and 450 Hz; the rest is our own.
"""

import math
import struct
import sys
import wave
from collections.abc import Callable, Iterable
from pathlib import Path

RATE = 8000
Sound = Callable[[float], float]

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477)
CHORD_SECONDS = 3.0
KEYS = ("123", "456", "789", "s0h")


def build_silence(at: float) -> float:
    return 0.0


def build_tones(*frequencies: float) -> Sound:
    """Equal sines, together never louder than 1."""
    return lambda at: sum(math.sin(math.tau * f * at) for f in frequencies) / len(frequencies)


def build_bell(frequency: float, *, fades_in: float) -> Sound:
    """A struck bar: a tone, its fourth harmonic a little out of tune, both dying away."""

    def sound(at: float) -> float:
        strike = min(1.0, at / 0.004)
        body = math.exp(-at / fades_in) * math.sin(math.tau * frequency * at)
        shimmer = 0.35 * math.exp(-at / fades_in * 2.6) * math.sin(math.tau * frequency * 3.93 * at)
        return strike * (body + shimmer) / 1.35

    return sound


def overlay(notes: Iterable[tuple[float, Sound]]) -> Sound:
    """Sounds that begin one after the other and ring on together."""
    played = list(notes)
    return lambda at: sum(sound(at - begin) for begin, sound in played if at >= begin) / 1.6


def write(path: Path, parts: Iterable[tuple[Sound, float]], *, volume: float) -> None:
    """Parts of a sound, each with its length in seconds, faded at both ends so that none clicks."""
    samples: list[float] = []
    for sound, seconds in parts:
        count = round(seconds * RATE)
        edge = min(40, count // 2)
        for index in range(count):
            fade = min(1.0, index / edge, (count - 1 - index) / edge)
            samples.append(volume * fade * max(-1.0, min(1.0, sound(index / RATE))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"{len(samples)}B", *(round(128 + 127 * s) for s in samples)))


def build_ringtone() -> Sound:
    """Two short phrases upwards on a marimba: heard across a room, bearable at the tenth call."""
    phrase = ((0.0, 659.26), (0.14, 830.61), (0.28, 987.77), (0.42, 1318.51), (0.62, 987.77))
    notes = [(begin + at, pitch) for begin in (0.0, 0.98) for at, pitch in phrase]
    return overlay((at, build_bell(pitch, fades_in=0.28)) for at, pitch in notes)


def build_test_sound() -> Sound:
    """A chord, opened upwards: long enough to turn one's head, and unlike anything that rings."""
    notes = [(0.0, 392.0), (0.22, 493.88), (0.44, 587.33), (0.66, 783.99)]
    return overlay((at, build_bell(pitch, fades_in=0.5)) for at, pitch in notes)


def build_hold_music() -> Sound:
    """Four chords, broken, slow and soft: to be borne for minutes, and by a telephone's narrow band."""
    chords = (
        (261.63, 329.63, 392.0, 523.25),
        (246.94, 329.63, 392.0, 493.88),
        (261.63, 293.66, 392.0, 523.25),
        (246.94, 293.66, 392.0, 493.88),
    )
    order = (0, 2, 1, 3, 2, 1)
    notes = [
        (CHORD_SECONDS * number + 0.5 * place, chord[voice])
        for number, chord in enumerate(chords)
        for place, voice in enumerate(order)
    ]
    return overlay((at, build_bell(pitch, fades_in=0.9)) for at, pitch in notes)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "incoming.wav", [(build_ringtone(), 2.2), (build_silence, 1.0)], volume=0.8)
    write(folder / "test.wav", [(build_test_sound(), 1.8)], volume=0.7)
    british = build_tones(400, 450)
    ringing = [(british, 0.4), (build_silence, 0.2), (british, 0.4), (build_silence, 2.0)]
    write(folder / "outgoing.wav", ringing, volume=0.28)
    falling = overlay([(0.0, build_bell(622.25, fades_in=0.09)), (0.12, build_bell(415.3, fades_in=0.12))])
    write(folder / "disconnect.wav", [(falling, 0.45)], volume=0.5)
    # What is played while two move into a room is over before the first note.
    write(folder / "hold.wav", [(build_silence, 0.4), (build_hold_music(), 4 * CHORD_SECONDS)], volume=0.5)
    for row, low in zip(KEYS, LOW, strict=True):
        for key, high in zip(row, HIGH, strict=True):
            write(folder / f"dtmf{key}.wav", [(build_tones(low, high), 0.12)], volume=0.4)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
