"""Notices who speaks, for the events participant-speech-start and participant-speech-stop."""

import asyncio
from collections.abc import Callable

from fake_twilio.rooms.participant import Participant
from fake_twilio.sounds import FRAME_SECONDS, get_energy

AUDIBLE = 1e-4
# How long somebody has to be silent; Twilio names no figure.
SILENT_SECONDS = 1.0


async def watch_speech(participant: Participant, tell: Callable[[str, Participant], None]) -> None:
    """Until the participant has left. Whoever is muted or held does not speak."""
    while not participant.call.is_answered and not participant.out.is_set():
        await asyncio.sleep(FRAME_SECONDS)
    sound = participant.call.end.speech()
    is_speaking, quiet = False, 0.0
    try:
        while not participant.out.is_set():
            await asyncio.sleep(FRAME_SECONDS)
            energy = get_energy(sound.read())
            if energy > AUDIBLE and not participant.is_muted and not participant.is_held:
                quiet = 0.0
                if not is_speaking:
                    is_speaking = True
                    tell("participant-speech-start", participant)
            else:
                quiet += FRAME_SECONDS
                if is_speaking and quiet >= SILENT_SECONDS:
                    is_speaking = False
                    tell("participant-speech-stop", participant)
    finally:
        sound.close()
