"""A zip archive that is made while it is sent: no more of it is in memory than a part of one file."""

import zipfile
from collections.abc import Iterable, Iterator


class Outflow:
    """A file for `zipfile` that cannot be gone back in; it hands out what was written since last time."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        taken, self.written = b"".join(self.written), []
        return taken


def write_zip(files: Iterable[tuple[str, Iterable[str]]]) -> Iterator[bytes]:
    """The archive of `files`, each a name and the parts of its text."""
    outflow = Outflow()
    with zipfile.ZipFile(outflow, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in files:
            with archive.open(name, "w") as file:
                for part in parts:
                    file.write(part.encode())
                    if data := outflow.take():
                        yield data
    yield outflow.take()
