"""What is said is translated, all of it: the catalogues are in step with the texts, and whole."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.utils import translation

from dognbone.catalogues import CONTEXT, build_script, find_catalogue
from tests.machine import find_gettext
from tools import messages

ROOT = Path(__file__).resolve().parents[3]
CATALOGUES = sorted(messages.list_catalogues(ROOT))
NAMED = [str(catalogue.relative_to(ROOT)) for catalogue in CATALOGUES]


def test_there_are_catalogues_of_people_calls_pages_and_modules() -> None:
    assert NAMED == [
        "accounts/locale/de/LC_MESSAGES/django.po",
        "locale/de/LC_MESSAGES/django.po",
        "locale/de/LC_MESSAGES/djangojs.po",
        "phone/locale/de/LC_MESSAGES/django.po",
    ]


def test_texts_are_found_for_every_language_that_is_offered() -> None:
    assert ["en", *messages.LANGUAGES] == [language for language, _ in settings.LANGUAGES]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=NAMED)
def test_every_text_is_translated(catalogue: Path) -> None:
    assert list(messages.list_problems(catalogue)) == []


HEAD = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('msgid "Call"\nmsgstr ""', "not translated: 'Call'"),
        ('#, fuzzy\nmsgid "Call"\nmsgstr "Anruf"', "only guessed: 'Call'"),
        ('msgid "By {name}"\nmsgstr "Von {nmae}"', "other facts: 'Von {nmae}' for 'By {name}'"),
        ('msgid "By %(name)s"\nmsgstr "Von ihr"', "other facts: 'Von ihr' for 'By %(name)s'"),
        ('msgid "<b>Now</b>"\nmsgstr "<b>Jetzt"', "other facts: '<b>Jetzt' for '<b>Now</b>'"),
        (
            'msgid "{n} call"\nmsgid_plural "{n} calls"\nmsgstr[0] "ein Anruf"\nmsgstr[1] "{m} Anrufe"',
            "other facts: '{m} Anrufe' for '{n} calls'",
        ),
    ],
)
def test_the_translator_is_told_what_is_amiss(tmp_path: Path, text: str, problem: str) -> None:
    catalogue = tmp_path / "django.po"
    catalogue.write_text(f"{HEAD}\n{text}\n")
    assert list(messages.list_problems(catalogue)) == [problem]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=NAMED)
def test_what_the_server_reads_is_what_was_written(catalogue: Path) -> None:
    assert catalogue.with_suffix(".mo").read_bytes() == messages.compile_catalogue(catalogue)


@pytest.mark.skipif(find_gettext() is None, reason="GNU gettext is missing")
def test_the_catalogues_hold_what_is_said_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("accounts", "phone", "dognbone", "templates", "static", "locale"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    messages.find_texts(tmp_path)
    changed = [name for name in NAMED if (tmp_path / name).read_text() != (ROOT / name).read_text()]
    assert changed == [], "make messages was not run"


def test_the_modules_get_what_is_translated() -> None:
    script = build_script("de")
    assert script.startswith("globalThis.dognboneTexts = {") and '"language": "de"' in script
    for message in messages.read_messages(find_catalogue("de")):
        for text, string in messages.list_sides(message)[:1]:
            key = f"{message.context}{CONTEXT}{text}" if message.context else text
            assert f"{json.dumps(key, ensure_ascii=False)}: " in script and string


def test_one_text_is_translated_alike_in_every_catalogue() -> None:
    translations: dict[tuple[str | None, Any], set[Any]] = {}
    for catalogue in CATALOGUES:
        for message in messages.read_messages(catalogue):
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
            for message in messages.read_messages(catalogue)
            if (said := say(message)) != message.string
        }
    assert others == {}
