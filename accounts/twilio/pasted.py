"""What a pasted value brings along and is left out: what surrounds it, its name, what nobody can see."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words

QUOTES = "\"'`‘’“”„‚«»"
ESCAPES = ("\\n", "\\r", "\\t")
LINE_SPACE = "\t\n\v\f\r"
# Longer than any line of a settings file; nothing is looked for in a whole page.
PASTE_LIMIT = 300
# Unicode's Default_Ignorable_Code_Point beyond the category Cf, and the blank that Braille has:
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
BLANKS = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2065, 0x2065),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
# A SID, or 32 characters as Twilio's secrets have them, with neither a letter, a digit nor what may join
# two parts of a secret right beside it.
WHOLE = re.compile(r"(?<![\w+~.-])(?:[A-Z]{2}[0-9a-fA-F]{32}|[0-9A-Za-z]{32})(?![\w+~-])")
# What is as long as this is no name: it may be a second value, and then nobody knows which is meant.
LONG_WORD = re.compile("[0-9A-Za-z]{24}")

ONE_HIDDEN = _("A character that nobody can see was left out of the {label}.")
HIDDEN = _("What nobody can see ({hidden}) was left out of the {label}.")
SURROUNDINGS = _("What surrounded it (spaces, quotation marks or a line end) was left out of the {label}.")
NEIGHBOURS = _("What stood around it (a name, brackets or a comma) was left out of the {label}.")


@dataclass(frozen=True)
class Pasted:
    """A value as it was meant, and in sentences about a `{label}` what was left out of what was typed."""

    value: str
    left_out: tuple[Words, ...] = ()

    def notes(self, label: Words) -> list[str]:
        """The sentences; `label` is the name of the field."""
        return [str(sentence).format(label=label) for sentence in self.left_out]


def read_pasted(typed: str) -> Pasted:
    """`typed` without what clings to a value. What has no whole value in it keeps its middle as it is."""
    left_out: list[Words] = []
    visible = "".join(character for character in typed if not is_invisible(character))
    if hidden := len(typed) - len(visible):
        left_out.append(ONE_HIDDEN if hidden == 1 else format_lazy(HIDDEN, hidden=hidden, label="{label}"))
    trimmed = trim(visible)
    if trimmed != visible:
        left_out.append(SURROUNDINGS)
    value = take_out(trimmed)
    if value != trimmed:
        left_out.append(NEIGHBOURS)
    return Pasted(value, tuple(left_out))


def is_invisible(character: str) -> bool:
    """Whether `character` takes no place on a screen; spaces and line ends do."""
    category = unicodedata.category(character)
    if category == "Cf" or (category == "Cc" and character not in LINE_SPACE):
        return True
    return any(first <= ord(character) <= last for first, last in BLANKS)


def trim(value: str) -> str:
    """`value` without what surrounds a pasted one: white space, line ends, a pair of quotes."""
    trimmed = value.strip()
    while trimmed and (inner := _trim_once(trimmed)) != trimmed:
        trimmed = inner
    return trimmed


def _trim_once(value: str) -> str:
    for escape in ESCAPES:
        value = value.removeprefix(escape).removesuffix(escape)
    if len(value) > 1 and value[0] in QUOTES and value[-1] in QUOTES:
        value = value[1:-1]
    return value.strip()


def take_out(typed: str) -> str:
    """The one whole value in `typed`, or `typed` itself where there is none, or more than one."""
    if len(typed) > PASTE_LIMIT:
        return typed
    found = list(WHOLE.finditer(typed))
    if len(found) != 1 or LONG_WORD.search(WHOLE.sub(" ", typed)):
        return typed
    return found[0].group()
