"""What the browser's modules say, in each language but English: `texts/<language>.js`, made of the catalogue.

The catalogue is `locale/<language>/LC_MESSAGES/djangojs.po`, as Django's makemessages writes it; the script
hands it to `static/texts.js`. A file and not a page, to be hashed, compressed and kept like all others.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

PREFIX = "texts/"
MADE = settings.BASE_DIR / "var" / "texts"
CONTEXT = "\u0004"


class CatalogueFinder(BaseFinder):
    """Finds the scripts, and makes them first where they are missing or old."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=MADE)
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
        language = path.removeprefix(PREFIX).removesuffix(".js")
        if path != f"{PREFIX}{language}.js" or language not in list_translated():
            return []
        file = str(make_script(language))
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for language in list_translated():
            file = make_script(language)
            if not matches_patterns(file.name, ignore_patterns or ()):
                yield file.name, self.storage


def list_translated() -> list[str]:
    """The languages that have a catalogue: all but the one that the texts are written in."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def find_catalogue(language: str) -> Path:
    """Where what the modules say is translated."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "djangojs.po"


def make_script(language: str) -> Path:
    """The script's file; written anew where the catalogue has changed."""
    file: Path = MADE / f"{language}.js"
    script = build_script(language)
    if not file.is_file() or file.read_text(encoding="utf-8") != script:
        MADE.mkdir(parents=True, exist_ok=True)
        # Each reader gets a whole one, though several processes begin at once.
        half = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.half")
        half.write_text(script, encoding="utf-8")
        half.replace(file)
    return file


def build_script(language: str) -> str:
    """Raises FileNotFoundError where `language` has no catalogue."""
    with find_catalogue(language).open("rb") as source:
        messages = read_po(source, locale=language)
    texts = {}
    for message in messages:
        if not message.id or message.fuzzy or not message.string:
            continue
        msgid = message.id[0] if isinstance(message.id, list | tuple) else message.id
        key = f"{message.context}{CONTEXT}{msgid}" if message.context else msgid
        texts[key] = list(message.string) if message.pluralizable else message.string
    catalogue = {"language": language, "texts": texts}
    return f"globalThis.dognboneTexts = {json.dumps(catalogue, ensure_ascii=False, sort_keys=True)};\n"
