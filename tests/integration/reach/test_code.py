"""What nobody reaches from outside: tasks and commands, each in a table of `docs/security.md`."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands
from django_tasks.base import Task

import accounts
import phone
from tests.integration.reach.tables import compare, read_table

OURS = ("accounts", "phone", "dognbone")
# A dictionary with a "type" that is no frame of the socket.
NOT_FRAMES = ("push.", "listen", "image/png", "image/svg+xml", "lifespan", "http", "websocket")


def test_every_task_is_in_the_table_with_what_it_takes() -> None:
    rows = []
    for package in (accounts, phone):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or ".management" in module.name:
                continue
            for one in vars(import_module(module.name)).values():
                if isinstance(one, Task) and one.func.__module__ == module.name:
                    takes = ", ".join(f"`{name}`" for name in inspect.signature(one.func).parameters) or "–"
                    rows.append((f"`{module.name}.{one.func.__name__}`", takes))
    compare("Tasks", sorted(rows))


def test_every_command_is_in_the_table_and_no_page_calls_one() -> None:
    ours = [name for name, app in get_commands().items() if str(app) in OURS]
    assert sorted(row.split("`")[1] for row in read_table("Commands")) == sorted(ours)
    callers = {
        str(path.relative_to(settings.BASE_DIR))
        for path, tree in read_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and (node.id if isinstance(node, ast.Name) else node.attr)
        in ("call_command", "execute_from_command_line")
    }
    # What a task does by the clock; nobody asks for it.
    assert callers == {"accounts/tasks/nightly.py"}


def test_every_frame_of_the_socket_is_in_a_table() -> None:
    """What the server says; what a page may say is asked of a socket in `test_socket.py`."""
    found = set()
    for _, tree in read_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                found |= {
                    value.value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                    and key.value == "type"
                    and isinstance(value, ast.Constant)
                    and not str(value.value).startswith(NOT_FRAMES)
                }
    # Named by a condition, and with what it says.
    found |= {"token", "taken_over"}
    assert found == {row.split("`")[1] for row in read_table("Frames to a page")}


def read_modules() -> Iterator[tuple[Path, ast.Module]]:
    for name in OURS:
        for path in sorted((Path(settings.BASE_DIR) / name).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())
