"""What is looked for on a machine before anything is installed: `make` on machines that lack something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("sh", "cat", "cut")
GOOD = {"python3": "3.12.1", "node": "v20.1.0", "npm": "10.2.3"}


def build_program(version: str) -> str:
    """Says its version to whoever prints it; a `version` of "" stands for a program that does not run."""
    return f"#!/bin/sh\necho {version}\n" if version else "#!/bin/sh\nexit 1\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with what every system has, and no more."""
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    return tmp_path


def look(machine: Path, python: str, /, **programs: str) -> "subprocess.CompletedProcess[str]":
    for name, version in programs.items():
        (machine / name).write_text(build_program(version))
        (machine / name).chmod(0o755)
    return subprocess.run(
        ["sh", ROOT / "tools" / "machine.sh", python, "18"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_that_has_all_is_told_nothing(machine: Path) -> None:
    result = look(machine, "python3", **GOOD)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_this_machines_own_python_is_good_enough(machine: Path) -> None:
    assert look(machine, sys.executable, **GOOD).returncode == 0


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ({"node": "", "npm": ""}, ["Node    not found: 18 or newer is needed", "npm     not found"]),
        ({"npm": ""}, ["Node    v20.1.0\n", "npm     not found, or does not run: it comes with Node"]),
        ({"node": "v16.20.2"}, ["Node    v16.20.2: 18 or newer is needed", "npm     10.2.3\n"]),
        ({"node": "v8.10.0"}, ["Node    v8.10.0: 18 or newer is needed"]),
        ({"python3": "3.9.2"}, ["Python  3.9.2 (python3): 3.11 or newer is needed"]),
        ({"python3": "2.7.18"}, ["Python  2.7.18 (python3): 3.11 or newer is needed"]),
        ({"python3": ""}, ["Python  python3: does not run"]),
    ],
)
def test_what_is_missing_or_too_old_is_said_beside_what_was_found(
    machine: Path, programs: dict[str, str], words: list[str]
) -> None:
    result = look(machine, "python3", **{**GOOD, **programs})
    assert result.returncode == 1
    for word in words:
        assert word in result.stderr
    assert "Nothing was installed" in result.stderr


def test_every_python_that_is_too_old_is_shown_where_none_will_do(machine: Path) -> None:
    result = look(machine, "", **{**GOOD, "python3": "3.8.10", "python": "2.7.18"})
    assert result.returncode == 1
    assert "Python  3.8.10 (python3): 3.11 or newer is needed" in result.stderr
    assert "Python  2.7.18 (python): 3.11 or newer is needed" in result.stderr


def test_a_machine_without_any_python_is_told_so(machine: Path) -> None:
    result = look(machine, "", node="v20.1.0", npm="10.2.3")
    assert "Python  not found: 3.11 or newer is needed" in result.stderr


def test_a_python_without_its_venv_is_not_called_old(machine: Path) -> None:
    (machine / "bare").write_text('#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\necho 3.11.2\n')
    (machine / "bare").chmod(0o755)
    result = look(machine, "bare", **GOOD)
    assert "Python  3.11.2 (bare): without venv, ensurepip or ssl" in result.stderr
    assert result.returncode == 1


@pytest.mark.parametrize(("target", "node"), [("run", 18), ("test", 20)])
def test_make_looks_before_it_installs(machine: Path, target: str, node: int, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "tools", tree / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", tree)
    for name in ("requirements-demo.txt", "requirements-dev.txt"):
        (tree / name).touch()
    make = shutil.which("make")
    assert make is not None
    result = subprocess.run(
        [make, target], cwd=tree, env={"PATH": str(machine)}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "Python  not found: 3.11 or newer is needed" in result.stderr
    assert f"Node    not found: {node} or newer is needed" in result.stderr
    assert not (tree / ".venv").exists()


def test_the_credentials_are_printed_by_a_python_with_nothing_installed() -> None:
    bare = [sys.executable, "-S", "-m", "demo.credentials"]
    result = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Account SID" in result.stdout
