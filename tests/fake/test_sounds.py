"""What the fake says and hears."""

from fake_twilio.sounds import FRAME_BYTES, SILENCE, get_energy


def test_a_frame_of_silence_has_no_energy() -> None:
    assert len(SILENCE) == FRAME_BYTES
    assert get_energy(SILENCE) == 0
