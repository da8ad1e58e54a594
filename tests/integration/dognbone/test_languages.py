"""What is said is translated, all of it: the catalogues are in step with the texts, and whole."""

import json
import re
import shutil
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils import translation

from dognbone.catalogues import CONTEXT, build_script, find_catalogue
from tools import messages

ROOT = Path(__file__).resolve().parents[3]
CATALOGUES = sorted(messages.list_catalogues(ROOT))
NAMED = [str(catalogue.relative_to(ROOT)) for catalogue in CATALOGUES]
# `%(name)s`, and `%%` where a sign stands for itself.
PERCENT = re.compile(r"%\(\w+\)[sd]|%[sd]")
TAG = re.compile(r"</?\w+[^>]*>")


def read(catalogue: Path) -> list[Message]:
    with catalogue.open("rb") as source:
        return [message for message in read_po(source) if message.id]


def list_sides(message: Message) -> list[tuple[str, str]]:
    """Each text with its translation."""
    ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return [(ids[min(place, len(ids) - 1)], string) for place, string in enumerate(strings)]


def find_facts(text: str) -> set[str]:
    """What a text has filled in, and the elements in it."""
    found = set(PERCENT.findall(text)) | set(TAG.findall(text))
    try:
        return found | {f"{{{name}}}" for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return found


def test_there_are_catalogues_of_people_calls_pages_and_modules() -> None:
    assert NAMED == [
        "accounts/locale/de/LC_MESSAGES/django.po",
        "locale/de/LC_MESSAGES/django.po",
        "locale/de/LC_MESSAGES/djangojs.po",
        "phone/locale/de/LC_MESSAGES/django.po",
    ]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=NAMED)
def test_every_text_is_translated(catalogue: Path) -> None:
    assert list(messages.list_problems(catalogue)) == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=NAMED)
def test_a_translation_names_the_same_facts(catalogue: Path) -> None:
    others = [
        (text, string)
        for message in read(catalogue)
        for text, string in list_sides(message)
        # One thing may be named without its number.
        if not find_facts(string) <= find_facts(text)
        or (not message.pluralizable and find_facts(string) != find_facts(text))
    ]
    assert others == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=NAMED)
def test_what_the_server_reads_is_what_was_written(catalogue: Path) -> None:
    assert catalogue.with_suffix(".mo").read_bytes() == messages.compile_catalogue(catalogue)


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is missing")
def test_the_catalogues_hold_what_is_said_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("accounts", "phone", "dognbone", "templates", "static", "locale"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    messages.find_texts(tmp_path)
    changed = [name for name in NAMED if (tmp_path / name).read_text() != (ROOT / name).read_text()]
    assert changed == [], "make messages was not run"


def test_the_modules_get_what_is_translated() -> None:
    script = build_script("de")
    assert script.startswith("globalThis.dognboneTexts = {") and '"language": "de"' in script
    for message in read(find_catalogue("de")):
        for text, string in list_sides(message)[:1]:
            key = f"{message.context}{CONTEXT}{text}" if message.context else text
            assert f"{json.dumps(key, ensure_ascii=False)}: " in script and string


def test_one_text_is_translated_alike_in_every_catalogue() -> None:
    translations: dict[tuple[str | None, Any], set[Any]] = {}
    for catalogue in CATALOGUES:
        for message in read(catalogue):
            translations.setdefault((message.context, message.id), set()).add(message.string)
    assert {text: found for text, found in translations.items() if len(found) > 1} == {}


def say(message: Message) -> str | tuple[str, ...]:
    """As Django says it, of whichever catalogue it takes."""
    if message.pluralizable:
        one, several = message.id
        return tuple(translation.npgettext(message.context or "", one, several, number) for number in (1, 2))
    return (
        translation.pgettext(message.context, message.id)
        if message.context
        else translation.gettext(message.id)
    )


def test_no_package_has_its_own_way_with_what_is_ours() -> None:
    """Django takes one of all that have a text: `locale/` before the apps, an app before those after it."""
    with translation.override("de"):
        others = {
            message.id: said
            for catalogue in CATALOGUES
            if catalogue.stem == "django"
            for message in read(catalogue)
            if (said := say(message)) != message.string
        }
    assert others == {}
