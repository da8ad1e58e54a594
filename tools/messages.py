"""The catalogues of what is said, in step with what is said: `make messages`, after texts have changed.

Django's makemessages finds the texts, by GNU gettext's xgettext (Debian's package gettext). What is new is
empty then in `locale/<language>/LC_MESSAGES/*.po`, and is to be translated by hand. Run once more afterwards,
it writes the `.mo` files that the server reads.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de",)
FOLDERS = ("accounts/locale", "phone/locale", "locale")
# Neither texts of the product's, nor written by us.
OTHERS = (".venv", "node_modules", "var", "staticfiles", "tests", "bench", "demo", "fake_twilio", "tools")


def main() -> int:
    find_texts(ROOT)
    for catalogue in list_catalogues(ROOT):
        catalogue.with_suffix(".mo").write_bytes(compile_catalogue(catalogue))
        for problem in list_problems(catalogue):
            print(f"{catalogue.relative_to(ROOT)}: {problem}")
    return 0


def find_texts(root: Path) -> None:
    """Brings every catalogue under `root` into step with the texts there."""
    options = ["--no-location", "--no-wrap", "--no-obsolete", *(f"--locale={one}" for one in LANGUAGES)]
    options += [f"--ignore={one}" for one in OTHERS]
    environment = {**os.environ, **SETTINGS}
    for folder in FOLDERS:
        # makemessages takes the nearest of those that are there.
        (root / folder).mkdir(exist_ok=True)
    for domain in ("django", "djangojs"):
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "makemessages", f"--domain={domain}", *options],
            cwd=root,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    for catalogue in list_catalogues(root):
        catalogue.write_text(leave_out_dates(catalogue.read_text(encoding="utf-8")), encoding="utf-8")


# Else babel writes that of its run.
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
# makemessages reads the settings, and needs nothing of what they lead to.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "dognbone.settings",
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "for finding texts alone",
    "PUBLIC_URL": "http://localhost",
}


def leave_out_dates(text: str) -> str:
    """Without the line that would be another at each run."""
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith('"POT-Creation-Date:')
    )


def list_catalogues(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((root / folder).glob("*/LC_MESSAGES/*.po"))


def compile_catalogue(catalogue: Path) -> bytes:
    """What the server reads; the same for the same texts."""
    with catalogue.open("rb") as source:
        messages = read_po(source)
    messages.creation_date = messages.revision_date = NO_DATE
    compiled = BytesIO()
    write_mo(compiled, messages)
    return compiled.getvalue()


def list_problems(catalogue: Path) -> Iterator[str]:
    """What is not translated, what makemessages guessed, and where a translation has other facts."""
    for message in read_messages(catalogue):
        sides = list_sides(message)
        if not all(string for _, string in sides):
            yield f"not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"only guessed: {message.id!r}"
        else:
            yield from (
                f"other facts: {string!r} for {text!r}"
                for text, string in sides
                if not has_same_facts(text, string, may_leave_out=message.pluralizable)
            )


def read_messages(catalogue: Path) -> list[Message]:
    with catalogue.open("rb") as source:
        return [message for message in read_po(source) if message.id]


def list_sides(message: Message) -> list[tuple[str, str]]:
    """Each text with its translation."""
    ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return [(ids[min(place, len(ids) - 1)], string or "") for place, string in enumerate(strings)]


def has_same_facts(text: str, string: str, *, may_leave_out: bool) -> bool:
    """`may_leave_out`: one thing may be named without its number."""
    wanted, found = find_facts(text), find_facts(string)
    return found <= wanted if may_leave_out else found == wanted


# `%(name)s`, and `%%` where a sign stands for itself.
PERCENT = re.compile(r"%\(\w+\)[sd]|%[sd]")
TAG = re.compile(r"</?\w+[^>]*>")


def find_facts(text: str) -> set[str]:
    """What a text has filled in, and the elements in it."""
    found = set(PERCENT.findall(text)) | set(TAG.findall(text))
    try:
        return found | {f"{{{name}}}" for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return found


if __name__ == "__main__":
    sys.exit(main())
