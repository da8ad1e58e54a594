"""The phone's page in a few files: made when they are asked for, and anew when what goes in has changed."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dognbone import bundles
from dognbone.bundles import BundleFinder


@pytest.fixture
def finder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BundleFinder:
    """Of a page of two modules and a style sheet."""
    sources = tmp_path / "static"
    (sources / "entries").mkdir(parents=True)
    (sources / "entries" / "page.js").write_text('import { word } from "../word.js";\nconsole.log(word);\n')
    (sources / "entries" / "page.css").write_text('@import "../look.css";\n')
    (sources / "word.js").write_text('export const word = "first";\n')
    (sources / "look.css").write_text("body { color: red }\n")
    monkeypatch.setattr(bundles, "SOURCES", sources)
    monkeypatch.setattr(bundles, "ENTRIES", sources / "entries")
    monkeypatch.setattr(bundles, "MADE", tmp_path / "made")
    return BundleFinder()


def read(finder: BundleFinder, path: str) -> str:
    found = finder.find(path)
    assert isinstance(found, str), f"{path} is not found"
    return Path(found).read_text()


def test_a_bundle_holds_what_its_entry_imports(finder: BundleFinder) -> None:
    assert '"first"' in read(finder, "bundles/page.js")
    assert "color:red" in read(finder, "bundles/page.css")


def test_a_bundle_is_made_anew_when_a_module_has_changed(finder: BundleFinder) -> None:
    read(finder, "bundles/page.js")
    (bundles.SOURCES / "word.js").write_text('export const word = "second";\n')
    assert '"second"' in read(finder, "bundles/page.js")


def test_a_bundle_is_left_alone_while_nothing_changes(
    finder: BundleFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(finder, "bundles/page.js")
    monkeypatch.setattr(bundles, "run_esbuild", lambda: pytest.fail("it was made again"))
    assert read(finder, "bundles/page.js")


def test_all_bundles_are_collected_and_nothing_else(finder: BundleFinder) -> None:
    names = [name for name, _ in finder.list([])]
    assert names == ["page.css", "page.css.map", "page.js", "page.js.map"]
    assert [name for name, _ in finder.list(["*.map"])] == ["page.css", "page.js"]


@pytest.mark.parametrize(
    "path", ["bundles/../secret", "bundles/.mark", "bundles/", "page.js", "bundles/a/b.js"]
)
def test_nothing_else_is_found_among_the_bundles(finder: BundleFinder, path: str) -> None:
    read(finder, "bundles/page.js")
    assert finder.find(path) == []


def test_a_module_that_cannot_be_read_is_named(finder: BundleFinder) -> None:
    (bundles.SOURCES / "word.js").write_text("export const word = ;\n")
    with pytest.raises(ImproperlyConfigured, match=r"word\.js:1:20"):
        finder.find("bundles/page.js")


def test_without_esbuild_it_is_said_what_is_missing(
    finder: BundleFinder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bundles, "ESBUILD", tmp_path / "esbuild")
    with pytest.raises(ImproperlyConfigured, match="npm ci"):
        finder.find("bundles/page.js")
