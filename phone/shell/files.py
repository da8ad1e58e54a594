"""Which files the phone's page is made of: found on the page itself, so that the list stays true.

The page's template is rendered for nobody; what it names under the address of static files is on the list,
then whatever those files name in turn: modules that import modules, styles with images. The SDK's sounds are
asked for by name and are in no text.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.template.loader import render_to_string
from django.utils import translation

from phone.tokens.device_options import build_sounds

PAGE = "phone/phone.html"
OFFLINE = "phone/offline.html"
# Of an element: `src`, `href`, and what is handed to a script in `data-…`.
NAMED = re.compile(r"""\b(?:src|href|data-[a-z-]+)=["']([^"'#?]+)""")
# Literal and relative, as the hashing of names needs them.
IMPORTED = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"'\n]+)["']""")
STYLED = re.compile(r"""url\(\s*["']?([^"')]+)""")
# A browser asks for it only once the phone is installed, or on a home screen.
NOT_NEEDED = (".png", ".webmanifest")


@dataclass(frozen=True)
class Shell:
    """The addresses of the files, and what is another as soon as one of them is."""

    files: tuple[str, ...]
    version: str
    is_hashed: bool


def get_shell() -> Shell:
    """Read once where a file's name says what is in it; while developing each time."""
    return read_shell() if is_hashed() else build_shell()


@lru_cache(maxsize=1)
def read_shell() -> Shell:
    return build_shell()


def build_shell() -> Shell:
    files = tuple(sorted(list_files()))
    digest = hashlib.sha256()
    for address in files:
        digest.update(address.encode())
        if not is_hashed():
            digest.update(read_file(address))
    return Shell(files, digest.hexdigest()[:16], is_hashed())


def is_hashed() -> bool:
    return isinstance(staticfiles_storage, ManifestFilesMixin) and not settings.DEBUG


def list_files() -> set[str]:
    found: set[str] = set()
    collected = list_collected()
    wanted = [*find_named(PAGE), *find_named(OFFLINE), *build_sounds().values()]
    while wanted:
        address = wanted.pop()
        if address in found or not address.startswith(get_prefix()) or address.endswith(NOT_NEEDED):
            continue
        if collected is not None and get_name(address) not in collected:
            continue
        found.add(address)
        wanted += find_needed(address)
    return found


def list_collected() -> set[str] | None:
    """The hashed names; None while developing. What modules import in comments, as types, has others."""
    storage = staticfiles_storage
    if not is_hashed() or not isinstance(storage, ManifestFilesMixin):
        return None
    return set(storage.hashed_files.values())


def find_named(template: str) -> Iterator[str]:
    """In every language: each has a file of what the modules say."""
    for language, _ in settings.LANGUAGES:
        # For nobody: what is anybody's is not on the list.
        with translation.override(language):
            html = render_to_string(template, {"page": {}, "title": "Phone"})
        yield from (found[1] for found in NAMED.finditer(html))


def find_needed(address: str) -> Iterator[str]:
    """What a module imports and a style sheet shows."""
    pattern = {".js": IMPORTED, ".css": STYLED}.get(Path(urlsplit(address).path).suffix)
    if pattern is None:
        return
    for found in pattern.finditer(read_file(address).decode(errors="replace")):
        if not found[1].startswith("data:"):
            yield urljoin(address, found[1])


def read_file(address: str) -> bytes:
    """A static file, collected or still where it was written; b"" for one that is not there."""
    name = get_name(address)
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        path = Path(staticfiles_storage.path(name))
    else:
        path = Path(find(name) or "")
    return path.read_bytes() if path.is_file() else b""


def get_name(address: str) -> str:
    return unquote(address.removeprefix(get_prefix()))


def get_prefix() -> str:
    return str(settings.STATIC_URL)
