"""Several speakers at once, of whom some come and go while the others are heard without a gap."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from fake_twilio.sounds import Mix, Sound


class RoomSound:
    """The room as one listener hears it. `inserts` are heard besides: beeps and announcements."""

    def __init__(self) -> None:
        self.sounds: dict[Hashable, Sound] = {}
        self.inserts: Sequence[Sound] = ()

    def hear_out(self, speakers: Mapping[Hashable, Callable[[], Sound]]) -> bool:
        """From now on these are heard, each by what makes its sound; whether that is a change."""
        if speakers.keys() == self.sounds.keys():
            return False
        for key in self.sounds.keys() - speakers.keys():
            self.sounds.pop(key).close()
        for key in speakers.keys() - self.sounds.keys():
            self.sounds[key] = speakers[key]()
        return True

    def read(self) -> bytes:
        return Mix([*self.sounds.values(), *self.inserts]).read()

    def close(self) -> None:
        self.hear_out({})
