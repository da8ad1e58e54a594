"""What two contacts may have in common, each as one text: by the same text they seem to be one."""

import re
from collections.abc import Iterable

from phone.contacts.plain import make_plain

NUMBER, EMAIL, NAME = "number", "email", "name"
# Of so many contacts at most it is asked at once whether they are one.
GROUP_AT_MOST = 10


def list_common(name: str, emails: Iterable[str], numbers: Iterable[str]) -> set[str]:
    """All of one contact; `numbers` in E.164."""
    return {
        write(NAME, build_name_key(name)),
        *(write(EMAIL, email.casefold()) for email in emails),
        *(write(NUMBER, number) for number in numbers),
    }


def write(reason: str, value: str) -> str:
    return f"{reason} {value}"


def build_name_key(name: str) -> str:
    """The words of a name, in whichever order, case, accents and punctuation they are written."""
    words = re.findall(r"\w+", make_plain(name))
    return " ".join(sorted(words)) or name
