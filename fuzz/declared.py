"""What the product itself says that it takes: its addresses, and the names that each of them reads.

Nothing here is a list of ours: a new address, a new form or a new parameter is found the next time.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters

OURS = ("accounts.", "phone.", "dognbone.")
# What holds what was sent, by the names that it has in our code.
HOLDERS = frozenset({"GET", "POST", "FILES", "params", "fields", "body", "query", "frame", "line", "keys"})
# What is read as JSON is decoded where it is taken, or where its bytes are handed to.
READS_JSON = re.compile(r"json\.loads|get_body\(|request\.body")
KINDS_OF_KEYS = {type(converter): name for name, converter in get_converters().items()}


@dataclass(frozen=True)
class Key:
    """A part of an address that is filled in; `after` is what stands before it, which tells what it is of."""

    name: str
    kind: str
    after: str


@dataclass(frozen=True)
class Route:
    """One address: `parts` are texts and keys, in order."""

    name: str
    parts: tuple[str | Key, ...]
    view: Callable[..., Any]
    names: tuple[str, ...]
    fields: tuple[tuple[str, forms.Field], ...]
    takes_json: bool

    @property
    def template(self) -> str:
        return "".join(part if isinstance(part, str) else f"<{part.name}>" for part in self.parts)

    @property
    def is_webhook(self) -> bool:
        return any(isinstance(part, Key) and part.name == "webhook_key" for part in self.parts)

    @property
    def is_admin(self) -> bool:
        return self.template.startswith("/admin/")


@lru_cache(maxsize=1)
def list_routes() -> list[Route]:
    """Every address of the product, in the order in which they are declared."""
    return list(walk(get_resolver().url_patterns, ("/",)))


def walk(entries: list[Any], before: tuple[str | Key, ...]) -> Iterator[Route]:
    for entry in entries:
        parts = (*before, *read_pattern(entry.pattern, before))
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, parts)
        elif isinstance(entry, URLPattern):
            yield build_route(entry, parts)


def read_pattern(pattern: Any, before: tuple[str | Key, ...]) -> Iterator[str | Key]:
    """The texts and keys of a path; of a regular expression its texts, and its groups as any path."""
    rest = str(pattern).lstrip("^").rstrip("$").replace("\\Z", "")
    said = "".join(part for part in before if isinstance(part, str))
    kinds = {name: KINDS_OF_KEYS.get(type(one), "path") for name, one in pattern.converters.items()}
    if "(" in rest:
        for name in pattern.regex.groupindex:
            start, _, rest = rest.partition("(")
            rest = rest[rest.rfind(")") + 1 :]
            yield start.replace("\\", "")
            yield Key(name, "path", said + start)
        yield rest.replace("\\", "").rstrip("?")
        return
    while "<" in rest:
        start, _, rest = rest.partition("<")
        inner, _, rest = rest.partition(">")
        said += start
        yield start
        name = inner.rpartition(":")[2]
        yield Key(name, kinds.get(name, "str"), said)
    yield rest


def build_route(entry: URLPattern, parts: tuple[str | Key, ...]) -> Route:
    view = inspect.unwrap(entry.callback)
    # What stands around a view keeps its attributes; innermost is a method that all of its kind share.
    view_class = getattr(entry.callback, "view_class", None)
    module = sys.modules[(view_class or view).__module__]
    modules = [module, *list_neighbours(module)]
    names = sorted({name for one in modules for name in read_names(one)})
    classes = {one for neighbour in modules[:1] for one in list_forms(neighbour)}
    if view_class is not None and hasattr(view_class, "form_class"):
        classes.add(view_class.form_class)
    fields = {
        name: field
        for one in sorted(filter(None, classes), key=lambda one: one.__name__)
        for name, field in getattr(one, "base_fields", {}).items()
    }
    takes_json = bool(READS_JSON.search(inspect.getsource(module)))
    return Route(str(entry.name), parts, view, tuple(names), tuple(fields.items()), takes_json)


def list_neighbours(module: ModuleType) -> list[ModuleType]:
    """Our own modules that `module` has its functions from."""
    homes = {getattr(value, "__module__", None) for value in vars(module).values()}
    return [
        sys.modules[home]
        for home in sorted(filter(None, homes))
        if home.startswith(OURS) and home in sys.modules
    ]


def list_forms(module: ModuleType) -> list[type[forms.BaseForm]]:
    found = (value for value in vars(module).values() if isinstance(value, type))
    return [one for one in found if issubclass(one, forms.BaseForm) and hasattr(one, "base_fields")]


@cache
def read_names(module: ModuleType) -> frozenset[str]:
    """The names by which a module's code asks for what was sent."""
    if not module.__name__.startswith(OURS):
        return frozenset()
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Subscript(value=holder, slice=asked):
                pass
            case ast.Call(func=ast.Attribute(value=holder, attr="get" | "getlist"), args=[asked, *_]):
                pass
            case ast.Compare(left=asked, ops=[ast.In() | ast.NotIn()], comparators=[holder]):
                pass
            # read_text(body, "endpoint")
            case ast.Call(func=ast.Name(), args=[ast.Name() as holder, ast.Constant() as asked, *_]):
                pass
            # FIELDS = {"to": 200}
            case ast.Assign(targets=[ast.Name(id="FIELDS")], value=ast.Dict(keys=keys)):
                found |= {read_name(key, module) for key in keys if key}
                continue
            case _:
                continue
        if getattr(holder, "attr", getattr(holder, "id", None)) in HOLDERS:
            found.add(read_name(asked, module))
    return frozenset(name for name in found if name)


def read_name(node: ast.expr, module: ModuleType) -> str:
    """A name as it is written, or the value of the constant that stands for it; "" for anything else."""
    value: Any = None
    match node:
        case ast.Constant(value=value):
            pass
        case ast.Name(id=name):
            value = getattr(module, name, None)
        case ast.Attribute(value=ast.Name(id=home), attr=name):
            value = getattr(getattr(module, home, None), name, None)
    return value if isinstance(value, str) else ""
