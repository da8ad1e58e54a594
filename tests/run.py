"""`make test`: every check and every test, each step in a process of its own, and one summary.

`--checks-only` (`make lint`) stops before the tests. All steps run, also after one that failed.
"""

import glob
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests import call_situations, migrated, situations
from tests.machine import find_chromium, install_missing
from tests.servers import run_postgresql, run_redis

ROOT = Path(__file__).resolve().parent.parent
# Not `test-results`, which pytest-playwright empties.
RESULTS = ROOT / "var" / "test-reports"
SITUATIONS = RESULTS / "situations.jsonl"
CALL_SITUATIONS = RESULTS / "call-situations.jsonl"
PYTHON = sys.executable
# Whichever has nothing left to do takes from another.
SIDE_BY_SIDE = ("--numprocesses=2", "--dist=worksteal")
# Of those that run beside others, some wait, for a Twilio that hangs or a lock that is held.
BESIDE = ("--numprocesses=3", "--dist=worksteal")
# Neither a developer's .env nor their shell's settings reach a test.
CLEAN_ENVIRONMENT = {
    "ENV_FILE": os.devnull,
    "DEBUG": "false",
    "DATABASE_URL": f"sqlite:///{ROOT / 'var' / 'tests.sqlite3'}",
    "REDIS_URL": "",
    "EMAIL_URL": "memorymail://",
    "TWILIO_BASE_URL": "",
    "TWILIO_SIGNALLING": "",
    situations.FILE_VARIABLE: str(SITUATIONS),
    call_situations.FILE_VARIABLE: str(CALL_SITUATIONS),
}

# For tests that run beside others.
OTHER_DATABASE = {"DATABASE_URL": f"sqlite:///{ROOT / 'var' / 'tests-beside.sqlite3'}"}

IN_CHROMIUM = ("tests/browser", "tests/fake/test_gateway_browser.py")
# Calls as they are heard, at the pace of sound. On SQLite alone: their stage is the product, its worker and
# the test in one process, and what that still has to do when a test ends holds locks of PostgreSQL's and
# sockets of Redis's that the next one trips over.
AT_THE_PACE_OF_SOUND = (
    "tests/integration/answering/test_with_twilio.py",
    "tests/integration/causes/test_situations_dialled.py",
    "tests/integration/causes/test_situations_spoilt.py",
    "tests/integration/in_call",
    "tests/integration/recordings/test_recorded_calls.py",
    "tests/integration/voicemail/test_voicemail.py",
)
# So is how long an installation waits for a registry.
BY_THE_CLOCK = (*AT_THE_PACE_OF_SOUND, "tests/integration/demo")
# They choose their own database, or try many words on the same few statements: once is enough.
SAME_ON_ANY_DATABASE = (
    "tests/integration/demo",
    "tests/integration/dognbone/test_settings_security.py",
    "tests/integration/dognbone/test_static_files.py",
    "tests/integration/postgresql",
    "tests/integration/twilio/test_situations_check.py",
    "tests/integration/twilio/test_situations_varied.py",
    "tests/integration/twilio/test_situations_worded.py",
)


@dataclass
class Run:
    """What has been run so far: the summary's lines, the failed steps, and the tests' counts."""

    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def step(self, name: str, *command: str, **environment: str) -> None:
        print(f"\n━━ {name}", flush=True)
        begun = time.monotonic()
        with self.start(command, environment) as process:
            self.note(name, process.wait(), begun)

    def start(
        self, command: Sequence[str], environment: dict[str, str], output: IO[str] | None = None
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **CLEAN_ENVIRONMENT, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    def note(self, name: str, code: int, begun: float) -> None:
        self.lines.append(
            f"{name:<34}{'good' if code == 0 else 'FAILED':<8}{time.monotonic() - begun:6.1f} s"
        )
        if code != 0:
            self.failed.append(name)

    def pytest(self, name: str, *arguments: str, **environment: str) -> None:
        report, command = build_pytest(name, *arguments)
        self.step(name, *command, **environment)
        self.count(report)

    @contextmanager
    def beside(self, name: str, *arguments: str, **environment: str) -> Iterator[None]:
        """Runs tests that mostly compute, while those in the block wait for a clock most of the time.

        They give way to those: they are as nice as a process can be. What they say is printed after them.
        """
        report, command = build_pytest(name, *arguments)
        begun = time.monotonic()
        with (RESULTS / f"{report.stem}.log").open("w+") as output:
            with self.start(["nice", "-n", "19", *command], environment, output) as process:
                try:
                    yield
                except BaseException:
                    process.terminate()
                    raise
                code = process.wait()
            output.seek(0)
            print(f"\n━━ {name}\n{output.read()}", flush=True)
        self.note(name, code, begun)
        self.count(report)

    def count(self, report: Path) -> None:
        if not report.exists():
            return
        for case in ElementTree.parse(report).iter("testcase"):
            outcome = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "")
            self.counts["skipped" if outcome == "skipped" else "failed" if outcome else "passed"] += 1

    def skip(self, missing: str, *arguments: str) -> None:
        """Names the tests that cannot run here."""
        listing = subprocess.run(
            [PYTHON, "-m", "pytest", "--collect-only", "--quiet", *arguments],
            cwd=ROOT,
            env={**os.environ, **CLEAN_ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        names = [line for line in listing.stdout.splitlines() if "::" in line]
        self.counts["skipped"] += len(names)
        self.lines.append(f"skipped, because {missing} is missing: {', '.join(names) or 'nothing'}")

    def finish(self) -> int:
        logins = situations.summarise(situations.read(SITUATIONS))
        calls = call_situations.summarise(call_situations.read(CALL_SITUATIONS))
        print("\n━━ Summary\n" + "\n".join([*self.lines, *logins, *calls]))
        if self.failed:
            print(f"Failed: {', '.join(self.failed)}.")
        if self.counts:
            skipped = f", {self.counts['skipped']} skipped" if self.counts["skipped"] else ""
            print(f"{self.counts['passed']} passed, {self.counts['failed']} failed{skipped}", flush=True)
        return 1 if self.failed else 0


def main(arguments: list[str]) -> int:
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    run = Run()
    run_checks(run)
    if "--checks-only" not in arguments:
        run_tests(run, install_missing())
    return run.finish()


def run_checks(run: Run) -> None:
    run.step("format (ruff)", PYTHON, "-m", "ruff", "format", "--check", ".")
    run.step("rules (ruff)", PYTHON, "-m", "ruff", "check", ".")
    run.step("directions of imports", str(Path(PYTHON).parent / "lint-imports"), "--no-logo")
    run.step("types (mypy)", PYTHON, "-m", "mypy")
    run.step("types (tsc)", "node_modules/.bin/tsc", "--project", "jsconfig.json")
    run.step(
        "migrations are complete",
        *(PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
        DJANGO_SETTINGS_MODULE="tests.settings",
    )


def build_pytest(name: str, *arguments: str) -> tuple[Path, list[str]]:
    """Where the run's report will be, and its command."""
    report = RESULTS / f"{name.replace(' ', '-')}.xml"
    return report, [PYTHON, "-m", "pytest", "--quiet", f"--junitxml={report}", *arguments]


def run_tests(run: Run, missing: list[str]) -> None:
    report = RESULTS / "browser-modules.xml"
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"]
    reporters += ["--test-reporter=junit", f"--test-reporter-destination={report}"]
    modules = sorted(glob.glob("tests/js/**/*.test.js", recursive=True))
    run.step("browser modules (node)", "node", "--test", *reporters, *modules)
    run.count(report)
    chromium = find_chromium()
    without = [] if chromium else leave_out(*IN_CHROMIUM)
    # Once for all who are tested on SQLite; PostgreSQL has its own.
    os.environ |= migrated.make_file(CLEAN_ENVIRONMENT)
    with run.beside(
        "unit, integration, fake Twilio",
        *BESIDE,
        *("tests/unit", "tests/integration", "tests/fake"),
        *(*without, *leave_out(*BY_THE_CLOCK)),
        CHROMIUM=chromium or "",
    ):
        run.pytest("by the clock", *SIDE_BY_SIDE, *BY_THE_CLOCK, **OTHER_DATABASE)
    run_against_servers(run, [name for name in ("PostgreSQL", "Redis") if name in missing])
    # By themselves, because Playwright leaves an event loop running in the process.
    if chromium:
        run.pytest("browser", *SIDE_BY_SIDE, "tests/browser", CHROMIUM=chromium)
    else:
        run.skip("Chromium", *IN_CHROMIUM)


def leave_out(*paths: str) -> list[str]:
    """Pytest's arguments for it."""
    return [f"--ignore={path}" for path in paths]


@contextmanager
def run_servers() -> Iterator[dict[str, str]]:
    """The settings that lead to a PostgreSQL and a Redis of the block's own."""
    with run_postgresql() as database_url, run_redis() as redis_url:
        made = migrated.make_database(database_url, CLEAN_ENVIRONMENT)
        yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **made}


def run_against_servers(run: Run, absent: list[str]) -> None:
    """What the addresses, sockets and commands promise, once more on what production runs on."""
    if absent:
        run.skip(" and ".join(absent), "tests/integration", "tests/service")
        return
    with (
        run_servers() as servers,
        run.beside(
            "PostgreSQL and Redis",
            *BESIDE,
            "tests/integration",
            *leave_out(*AT_THE_PACE_OF_SOUND, *SAME_ON_ANY_DATABASE),
            **servers,
        ),
    ):
        # Its workers, databases and neighbours are processes of its own.
        run.pytest("whole service", "tests/service")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
