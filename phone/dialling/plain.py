"""Text as it was copied, made plain: ASCII digits and separators, nothing invisible, no link around it."""

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65"
SLASHES = "\u2044\u2215"
DASHES = "\u2212\u2043\u02d7"
PLUSES = "\u207a\ufe62\u2795"
# Variation selectors and the key around a digit: an emoji's, not the number's.
DECORATION = re.compile("[\ufe00-\ufe0f\u20e3]")
ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
SCHEME = re.compile(r"\s*(?:web\+)?(?:tel|callto|telprompt):/{0,3}", re.IGNORECASE)
PARAMETERS = re.compile(r";\s*[a-zA-Z][a-zA-Z-]*(?:=|;|$)")


@dataclass(frozen=True)
class Plain:
    """`text` without link or parameters; `parameters` are RFC 3966's, their names in small letters."""

    text: str
    parameters: dict[str, str] = field(default_factory=dict)


def make_plain(typed: str) -> Plain:
    text = "".join(map(make_plain_letter, decode_escapes(typed)))
    is_link = False
    while (scheme := SCHEME.match(text)) is not None:
        text, is_link = text[scheme.end() :], True
    found = PARAMETERS.search(text)
    if found is None:
        return Plain(text.strip(" "))
    parameters = read_parameters(text[found.start() + 1 :])
    if not is_link and not parameters.keys() & {"ext", "postd", "phone-context", "isub"}:
        return Plain(text.strip(" "))
    return Plain(text[: found.start()].strip(" "), parameters)


def decode_escapes(typed: str) -> str:
    """`typed` without percent-encoding, where it is one that can be read."""
    if not ESCAPE.search(typed):
        return typed
    try:
        return unquote_to_bytes(typed).decode()
    except UnicodeDecodeError:
        return typed


def make_plain_letter(letter: str) -> str:
    if letter in "\n\t\r\v\f\u2028\u2029":
        return "\n"
    category = unicodedata.category(letter)
    if category in ("Cf", "Cc") or DECORATION.match(letter):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if "\uff01" <= letter <= "\uff5e":
        return chr(ord(letter) - 0xFEE0)
    if category == "Zs":
        return " "
    if category == "Pd" or letter in DASHES:
        return "-"
    for ascii_letter, others in ((".", DOTS), ("/", SLASHES), ("+", PLUSES)):
        if letter in others:
            return ascii_letter
    return letter


def read_parameters(text: str) -> dict[str, str]:
    """RFC 3966, section 3: `ext=12;phone-context=+44`. The first of a name counts."""
    parameters: dict[str, str] = {}
    for one in text.split(";"):
        name, _, value = one.partition("=")
        parameters.setdefault(name.strip(" ").lower(), value.strip(" "))
    return parameters
