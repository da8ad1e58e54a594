"""The folder in which several processes add up what they count."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dognbone.shared_counts import VARIABLE, shared_counts


def test_what_an_earlier_start_has_counted_is_not_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counter_17.db").write_bytes(b"of yesterday")
    (tmp_path / "somebody's file").write_text("is left alone")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with shared_counts(True):
        assert [one.name for one in tmp_path.iterdir()] == ["somebody's file"]


def test_without_a_folder_named_one_is_made_and_goes_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with shared_counts(True):
        folder = Path(os.environ[VARIABLE])
        assert folder.is_dir()
    assert not folder.exists() and VARIABLE not in os.environ


def test_a_folder_is_made_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run" / "metrics"))
    with shared_counts(True):
        assert (tmp_path / "run" / "metrics").is_dir()


def test_a_folder_that_cannot_be_used_stops_the_start_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a file"))
    with pytest.raises(ImproperlyConfigured, match=VARIABLE), shared_counts(True):
        pass


def test_nothing_is_counted_in_files_that_nobody_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with shared_counts(False):
        assert VARIABLE not in os.environ
