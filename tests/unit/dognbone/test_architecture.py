"""The map of `docs/architecture.md` names every module of the product's two apps, each with its room."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# What every Django app has, by the same names.
OF_DJANGO = {"__init__.py", "apps.py", "models.py", "urls.py"}
NO_ROOMS = {"migrations", "management", "templatetags", "locale", "__pycache__"}


def read_map(app: str) -> dict[str, str]:
    """What stands on the map by each room's name, "" for what lies beside the rooms."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    [drawn] = re.findall(rf"^{app}/ .*\n((?:  .*\n|\n)+)", text, re.MULTILINE)
    rooms = {"": drawn}
    for entry in re.split(r"\n(?=  \S)", f"\n{drawn}"):
        for room in re.findall(r"\b(\w+)/ ", entry.partition("\n")[0] + " " if entry else ""):
            rooms.setdefault(room, entry)
    return rooms


def find_unnamed(app: str) -> list[str]:
    drawn = read_map(app)
    unnamed = []
    for path in sorted((ROOT / app).rglob("*.py")):
        *rooms, name = path.relative_to(ROOT / app).parts
        if name in OF_DJANGO or NO_ROOMS.intersection(rooms):
            continue
        entry = drawn.get(rooms[0], "") if rooms else drawn[""]
        is_named = re.search(rf"(?<![\w.]){re.escape(name)}", entry)
        if not is_named or not all(re.search(rf"\b{room}/", entry) for room in rooms):
            unnamed.append("/".join((*rooms, name)))
    return unnamed


@pytest.mark.parametrize("app", ["accounts", "phone"])
def test_every_module_is_on_the_map(app: str) -> None:
    assert find_unnamed(app) == []


def test_nothing_is_on_the_map_that_is_not_there() -> None:
    for app in ("accounts", "phone"):
        there = {path.name for path in (ROOT / app).rglob("*.py")}
        assert set(re.findall(r"[\w]+\.py", read_map(app)[""])) <= there
