"""Installs what `make` asks for: `python -m tools.install runtime|demo|dev|uv|npm`, in the project's folder.

Runs under the machine's own Python, before there is anything else. What the network does not bring is
said by name before anything is installed, and within seconds.
"""

import ensurepip
import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import reach

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
NPM_LISTS = ("package.json", "package-lock.json", ".npmrc")
# By what is asked for: in words, and as pip is told. A wider list covers the narrower ones before it.
PACKAGES = {
    "runtime": ("the product", ("--require-hashes", "-r", "requirements.txt")),
    "demo": ("the product and the demo", ("--require-hashes", "-r", "requirements-demo.txt")),
    "dev": ("the product, the demo and the tests", ("--require-hashes", "-r", "requirements-dev.txt")),
    "uv": ("uv", ("uv",)),
}


class NotInstalled(Exception):
    """The message says why, and what to do."""


def main(arguments: list[str]) -> int:
    """The exit status. `arguments` is one of PACKAGES' names, or npm."""
    try:
        install(*arguments)
    except NotInstalled as failure:
        print(f"\nDog n Bone: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nDog n Bone: not installed.", file=sys.stderr)
        return 130
    return 0


def install(asked: str) -> None:
    """Raises NotInstalled."""
    check_network(asked)
    if asked == "npm":
        install_from_npm()
    else:
        install_with_pip(asked)


def check_network(asked: str) -> None:
    """Raises NotInstalled; where both are to be asked, they are asked at the same time.

    Before pip installs, npm is asked too if its turn comes after: better now than after a minute.
    """
    with ThreadPoolExecutor() as threads:
        by_npm = threads.submit(reach.find_unreachable_registries) if is_npm_stale() else None
        unreachable = reach.find_unreachable_index(find_pip()) if asked != "npm" else []
        unreachable += by_npm.result() if by_npm else []
    if unreachable:
        raise NotInstalled(
            "nothing was installed, because\n"
            + "".join(f"  {one}\n" for one in unreachable)
            + "Where it is only slow, PATIENCE=60 in front of make waits a minute for an answer."
        )


def is_npm_stale() -> bool:
    """As make sees it."""
    stamp = NODE_MODULES / ".installed"
    return not stamp.exists() or any(
        (ROOT / name).stat().st_mtime > stamp.stat().st_mtime for name in NPM_LISTS
    )


def find_pip() -> list[str]:
    """The command. Without a virtual environment, another one: to make one takes seconds.

    That is the machine's own, or, which is slower, the one that a virtual environment gets its pip from.
    """
    if has_virtual_environment():
        return [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return find_packed_pip()


def find_packed_pip() -> list[str]:
    """It runs from its wheel, which comes with Python, or which a distribution keeps elsewhere."""
    folders = [Path(ensurepip.__file__).parent / "_bundled"]
    if elsewhere := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(elsewhere))
    wheels = [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    if not wheels:
        raise NotInstalled("Python comes without pip. On Debian or Ubuntu: apt install python3-venv")
    return [sys.executable, str(wheels[-1] / "pip")]


def has_virtual_environment() -> bool:
    """Not one broken off, nor one whose Python has gone."""
    return PYTHON.exists() and run(str(PYTHON), "-c", "import pip", errors=subprocess.DEVNULL) == 0


def make_virtual_environment() -> None:
    """Keeps the one that is there if it works."""
    if has_virtual_environment():
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    if run(sys.executable, "-m", "venv", str(VENV)) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise NotInstalled("no virtual environment could be made; Python's own words are above.")


def install_with_pip(asked: str) -> None:
    words, requirements = PACKAGES[asked]
    print(f"Installing the Python packages of {words} …", flush=True)
    make_virtual_environment()
    options = ("--quiet", "--quiet", "--disable-pip-version-check")
    if run(str(PYTHON), "-m", "pip", "install", *options, *requirements) != 0:
        raise NotInstalled("pip could not install the packages; its own words are above.")
    wider = list(PACKAGES).index(asked) if asked != "uv" else 0
    for name in [asked, *list(PACKAGES)[:wider]]:
        (VENV / f"{name}.installed").touch()


def install_from_npm() -> None:
    print("Installing Twilio's browser SDK …", flush=True)
    # What went wrong npm says on the other channel.
    if run("npm", "ci", "--loglevel=error", "--no-progress", output=subprocess.DEVNULL) != 0:
        raise NotInstalled("npm could not install the packages; its own words are above.")
    (NODE_MODULES / ".installed").touch()


def run(*command: str, output: int | None = None, errors: int | None = None) -> int:
    """The exit status; what is said goes where this says it, or to a subprocess constant."""
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
