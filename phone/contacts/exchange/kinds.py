"""What a number is for, by what it is called: vCard's types, Google's labels, Outlook's columns. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from phone.contacts.card import Kind

# In this order: a fax at work is a fax, a mobile phone of the company's is a mobile phone.
WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.FAX, "fax telefax telecopie telefaks facsimile"),
    (Kind.OTHER, "pager pcs telex tty tdd isdn car"),
    (
        Kind.MOBILE,
        "mobile cell cellular mobil mobiltelefon handy natel iphone smartphone portable movil celular",
    ),
    (Kind.MAIN, "main primary haupt hauptnummer haupttelefon zentrale principal switchboard"),
    (Kind.WORK, "work business office geschaftlich arbeit dienstlich buro firma bureau travail trabajo"),
    (Kind.HOME, "home private privat zuhause domicile maison particular casa"),
)
KIND_OF_WORD = {word: kind for kind, words in WORDS for word in words.split()}
ORDER = {kind: place for place, (kind, _) in enumerate(WORDS)}
# Apple's own names for labels: `_$!<Mobile>!$_`.
APPLES = re.compile(r"^_\$!<(.*)>!\$_$")


def find_kind(names: Iterable[str]) -> Kind:
    """By all the words of all its names, in whatever language they are known in."""
    return find_kind_of_all(frozenset(names))


# A file has few, and each of them very often.
@lru_cache(maxsize=1000)
def find_kind_of_all(names: frozenset[str]) -> Kind:
    found = {
        KIND_OF_WORD[word]
        for name in names
        for word in re.findall(r"[a-z]+", fold(name))
        if word in KIND_OF_WORD
    }
    return min(found, key=ORDER.__getitem__, default=Kind.OTHER)


def fold(text: str) -> str:
    """In small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", APPLES.sub(r"\1", text.strip()).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
