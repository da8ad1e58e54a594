"""What is wrong with a value that is no credential: recognisable to the person, useless to anybody else.

Of a secret, only where a wrong character stands and of which kind it is; never the character.
"""

import re
import unicodedata

from accounts.twilio.pasted import QUOTES

# What stands for a hidden value: Twilio's console masks an Auth Token until it is shown.
MASKS = "•●∙⋅·◦○⬤⚫*＊✱∗․…‥"  # noqa: RUF001
MASKED = "dots in place of a value, as Twilio's console shows one while it is hidden"
NAMED = re.compile(
    r"[^=:]*(?:sid|token|secret|key|account|auth|twilio)\w*[\"'\s]*[=:]+[\s\"']*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
WHOLE = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}(?![0-9a-fA-F])|(?<![0-9A-Za-z])[0-9a-fA-F]{32}(?![0-9A-Za-z])")
TWINS = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1"}
MOST_PLACES = 3


def is_masked(value: str) -> bool:
    """Whether a part of `value` is hidden behind dots or stars."""
    return any(mask * 3 in value for mask in MASKS) or bool(value) and all(one in MASKS for one in value)


def describe_stray(value: str, *, is_opaque: bool = False) -> str:
    """What in `value` cannot be part of a credential; "" if all can. Opaque: any printable ASCII can."""
    if is_masked(value) and not (is_opaque and value.isascii() and not set(value) <= set(MASKS)):
        return MASKED
    if not is_opaque and (line := describe_line(value)):
        return line
    for place, character in enumerate(value, 1):
        if kind := describe_kind(character, is_opaque=is_opaque):
            return f"{kind} in the {count(place)} place"
    return ""


def describe_line(value: str) -> str:
    """A line with more than a value in it; "" for any other."""
    if len(WHOLE.findall(value)) > 1:
        between = "a colon" if re.search("[0-9a-fA-F]{32}:", value) else "a space, a line end or a name"
        return f"two values at once, with {between} between them"
    named = NAMED.fullmatch(value)
    if named is None:
        return ""
    rest = count_characters(named["rest"])
    return f"a name with a colon or “=” behind it, as in a settings file, and then {rest}"


def describe_kind(character: str, *, is_opaque: bool) -> str:
    if character.isspace():
        return "a space or line end"
    if not is_opaque and character in QUOTES:
        return "a quotation mark"
    if not "!" <= character <= "~":
        return f"a {name_kind(character)} that is not plain ASCII"
    if not is_opaque and character in ":\\":
        return "a colon" if character == ":" else "a backslash"
    return ""


def name_kind(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd":
        return "dash"
    if character in QUOTES:
        return "quotation mark"
    return {"L": "letter", "N": "digit"}.get(category[0], "character")


def describe_places(value: str, *, begins_at: int, is_secret: bool) -> str:
    """Where `value`, which has the right length, has what is no hexadecimal digit; "" if nowhere.

    Places count from 1; the first `begins_at` characters are not looked at.
    """
    wrong = [
        (place, character)
        for place, character in enumerate(value, 1)
        if place > begins_at and character not in "0123456789abcdefABCDEF"
    ]
    places = [
        f"in the {count(place)} place {name_typed(character, is_secret=is_secret)}"
        for place, character in wrong[:MOST_PLACES]
    ]
    if not places:
        return ""
    more = f", and {len(wrong) - MOST_PLACES} more" if len(wrong) > MOST_PLACES else ""
    return f"{', '.join(places)}{more}, where only 0-9 and a-f can stand"


def name_typed(character: str, *, is_secret: bool) -> str:
    kind = "letter" if character.isalpha() else "character"
    if is_secret:
        return f"a {kind}"
    hint = f" (perhaps the digit {TWINS[character]})" if character in TWINS else ""
    return f"the {kind} {character}{hint}"


def count_characters(value: str) -> str:
    return "1 character" if len(value) == 1 else f"{len(value)} characters"


def count(number: int) -> str:
    """An ordinal: 1st, 2nd, 13th."""
    is_teen = number % 100 in (11, 12, 13)
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
