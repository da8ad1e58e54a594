"""`make test`: every check and every test, each step in a process of its own, and one summary.

`--checks-only` (`make lint`) stops before the tests. All steps run, also after one that failed. Two lanes of
them run side by side: what mostly waits, for a clock or a browser, and what mostly computes and gives way.
Where few tests of a step fail, they are tried again by themselves, once all the rest is over; those that
pass are called unsteady.
"""

import glob
import os
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
TWO = ("--numprocesses=2", "--dist=worksteal")
# Where many wait: for a Twilio that hangs, a lock that is held, or what a page does in its own time.
THREE = ("--numprocesses=3", "--dist=worksteal")
# Of thousands, on a machine that does several things at once. More have a reason in common.
FEW_FAILED = 3
TRIES_BY_THEMSELVES = 2
SOME_TESTS_FAILED = 1
# How much those that compute give way to those whose waiting has an end: not so much that they time out.
GIVES_WAY = 10
# Neither a developer's .env nor their shell's settings reach a test.
CLEAN_ENVIRONMENT = {
    # What pytest has rewritten is kept for the next process, also where an image forbids it for its own sake:
    # without, collecting the tests takes twice as long, and each process of each step does.
    "PYTHONDONTWRITEBYTECODE": "",
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

# For the lane beside.
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
# They choose their own database, or try many words on the same few statements, or pages in other words that
# others ask for in English, or ask who may and not what the database says: once is enough.
SAME_ON_ANY_DATABASE = (
    *sorted(glob.glob("tests/integration/*/test_german.py", root_dir=ROOT)),
    "tests/integration/demo",
    "tests/integration/dognbone/test_bad_input.py",
    "tests/integration/dognbone/test_bundles.py",
    "tests/integration/dognbone/test_checks.py::test_a_faulty_setting_stops_the_start_by_name",
    "tests/integration/dognbone/test_checks.py::test_several_processes_without_redis_end_at_once_by_name",
    "tests/integration/dognbone/test_headers.py",
    "tests/integration/dognbone/test_languages.py",
    "tests/integration/dognbone/test_look.py",
    "tests/integration/dognbone/test_marked.py",
    "tests/integration/dognbone/test_settings_security.py",
    "tests/integration/dognbone/test_static_files.py",
    "tests/integration/postgresql",
    "tests/integration/reach",
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
    unsure: "list[Unsure]" = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, done: "Done", counts: Counter[str], *, unsteady: Sequence[str] = ()) -> None:
        """A step that is over; lanes come to it one after the other."""
        with self.lock:
            is_good = done.code == 0 or bool(unsteady)
            self.lines.append(f"{name:<34}{'good' if is_good else 'FAILED':<8}{done.seconds:6.1f} s")
            self.lines += [f"  unsteady, failed and then passed by itself: {test}" for test in unsteady]
            if not is_good:
                self.failed.append(name)
            self.counts += counts

    def put_off(self, unsure: "Unsure") -> None:
        with self.lock:
            self.unsure.append(unsure)

    def try_again(self) -> None:
        """What few tests failed, while nothing else is run."""
        while self.unsure:
            step = self.unsure.pop(0)
            left = step.failed
            for number in range(TRIES_BY_THEMSELVES):
                left = step.lane.try_tests(f"{step.name}, by themselves {number + 1}", step, left)
                if not left:
                    break
            else:
                self.note(step.name, step.done, step.counts)
                continue
            step.counts["unsteady"], step.counts["failed"] = step.counts["failed"], 0
            self.note(step.name, step.done, step.counts, unsteady=step.failed)

    def say(self, name: str, said: str) -> None:
        with self.lock:
            print(f"\n━━ {name}\n{said}", flush=True)

    def side_by_side(self, *lanes: tuple["Lane", Callable[["Lane"], None]]) -> None:
        """Does each lane's work in a thread of its own. What ends one before its time ends the others."""
        with ThreadPoolExecutor(len(lanes)) as threads:
            try:
                works = [threads.submit(work, lane) for lane, work in lanes]
                done, _ = wait(works, return_when=FIRST_EXCEPTION)
                for one in done:
                    one.result()
            except BaseException:
                for lane, _ in lanes:
                    lane.call_off()
                raise

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
            unsteady = f", {self.counts['unsteady']} unsteady" if self.counts["unsteady"] else ""
            print(
                f"{self.counts['passed']} passed, {self.counts['failed']} failed{unsteady}{skipped}",
                flush=True,
            )
        return 1 if self.failed else 0


@dataclass(frozen=True)
class Done:
    """What a step's process came to."""

    code: int
    seconds: float


@dataclass(frozen=True)
class Unsure:
    """A step of which few tests failed: how it was run, and what it came to."""

    lane: "Lane"
    name: str
    command: list[str]
    environment: dict[str, str]
    done: Done
    counts: Counter[str]
    failed: list[str]


class CalledOff(Exception):
    """Another lane has ended before its time."""


class Lane:
    """Steps that run one after the other. What each says is printed once it is over.

    `gives_way`: by how much more than other processes, as nice(1) counts.
    """

    def __init__(self, run: Run, *, gives_way: int = 0) -> None:
        self.run = run
        self.gives_way = gives_way
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_called_off = False

    def step(self, name: str, *command: str, report: Path | None = None, **environment: str) -> None:
        done = self.do(name, *command, **environment)
        self.run.note(name, done, count(report) if report else Counter())

    def pytest(self, name: str, *arguments: str, **environment: str) -> None:
        command = [PYTHON, "-m", "pytest", "--quiet", "--override-ini=junit_family=xunit1"]
        report = RESULTS / f"{make_slug(name)}.xml"
        done = self.do(name, *command, f"--junitxml={report}", *arguments, **environment)
        counts, failed = count(report), list_failed(report)
        if done.code == SOME_TESTS_FAILED and 0 < len(failed) <= FEW_FAILED:
            self.run.put_off(Unsure(self, name, command, environment, done, counts, failed))
        else:
            self.run.note(name, done, counts)

    def try_tests(self, name: str, step: Unsure, tests: Sequence[str]) -> list[str]:
        """Which of `tests` fail, as `step` had run them; all, where that cannot be told."""
        report = RESULTS / f"{make_slug(name)}.xml"
        done = self.do(name, *step.command, f"--junitxml={report}", *tests, **step.environment)
        if done.code == 0:
            return []
        return list_failed(report) if done.code == SOME_TESTS_FAILED else list(tests)

    def do(self, name: str, *command: str, **environment: str) -> Done:
        begun = time.monotonic()
        with (RESULTS / f"{make_slug(name)}.log").open("w+") as output:
            with self._lock:
                if self._is_called_off:
                    raise CalledOff
                self._process = subprocess.Popen(
                    ["nice", "-n", str(self.gives_way), *command],
                    cwd=ROOT,
                    env={**os.environ, **CLEAN_ENVIRONMENT, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            print(f"┄┄ {name} …", flush=True)
            code = self._process.wait()
            output.seek(0)
            self.run.say(name, output.read())
        return Done(code, time.monotonic() - begun)

    def call_off(self) -> None:
        """Ends what it does now, and does no more."""
        with self._lock:
            self._is_called_off = True
            if self._process is not None:
                self._process.terminate()


def read_cases(report: Path) -> Iterator[tuple[ElementTree.Element, str]]:
    """Each test of a JUnit report, and whether it has "passed", "failed" or was "skipped"."""
    if not report.exists():
        return
    for case in ElementTree.parse(report).iter("testcase"):
        outcome = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "")
        yield case, "skipped" if outcome == "skipped" else "failed" if outcome else "passed"


def count(report: Path) -> Counter[str]:
    return Counter(outcome for _, outcome in read_cases(report))


def list_failed(report: Path) -> list[str]:
    """The names by which pytest finds them again, of a report of its family xunit1."""
    failed = [case for case, outcome in read_cases(report) if outcome == "failed"]
    return list(dict.fromkeys(build_name(case) for case in failed))


def build_name(case: ElementTree.Element) -> str:
    file = case.get("file", "")
    classes = case.get("classname", "").removeprefix(file.removesuffix(".py").replace("/", ".")).strip(".")
    return "::".join([file, *filter(None, classes.split(".")), case.get("name", "")])


def make_slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def main(arguments: list[str]) -> int:
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    run = Run()
    if "--checks-only" in arguments:
        run_checks(Lane(run))
    else:
        run_all(run, install_missing())
    return run.finish()


def run_checks(lane: Lane) -> None:
    lane.step("format (ruff)", PYTHON, "-m", "ruff", "format", "--check", ".")
    lane.step("rules (ruff)", PYTHON, "-m", "ruff", "check", ".")
    lane.step("directions of imports", str(Path(PYTHON).parent / "lint-imports"), "--no-logo")
    lane.step("types (mypy)", PYTHON, "-m", "mypy")
    lane.step("types (tsc)", "node_modules/.bin/tsc", "--project", "jsconfig.json")
    lane.step(
        "migrations are complete",
        *(PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
        DJANGO_SETTINGS_MODULE="tests.settings",
    )


def run_all(run: Run, missing: list[str]) -> None:
    chromium = find_chromium() or ""
    absent = [name for name in ("PostgreSQL", "Redis") if name in missing]
    is_migrated = threading.Event()

    def wait_mostly(lane: Lane) -> None:
        # Once for all who are tested on SQLite, while the other lane checks; PostgreSQL has its own.
        try:
            os.environ.update(migrated.make_file(CLEAN_ENVIRONMENT))
        finally:
            is_migrated.set()
        lane.pytest("by the clock", *TWO, *BY_THE_CLOCK, **OTHER_DATABASE)
        if not absent:
            # Its workers, databases and neighbours are processes of its own.
            lane.pytest("whole service", "tests/service")
        # By themselves, because Playwright leaves an event loop running in the process.
        if chromium:
            lane.pytest("browser", *THREE, "tests/browser", CHROMIUM=chromium, **OTHER_DATABASE)

    def compute_mostly(lane: Lane) -> None:
        run_checks(lane)
        run_modules(lane)
        is_migrated.wait()
        lane.pytest(
            "unit, integration, fake Twilio",
            *THREE,
            *("tests/unit", "tests/integration", "tests/fake"),
            *leave_out(*BY_THE_CLOCK, *(() if chromium else IN_CHROMIUM)),
            CHROMIUM=chromium,
        )
        if not absent:
            run_on_servers(lane, servers.enter_context(run_servers()))

    with ExitStack() as servers:
        run.side_by_side((Lane(run), wait_mostly), (Lane(run, gives_way=GIVES_WAY), compute_mostly))
        run.try_again()
    if absent:
        run.skip(" and ".join(absent), "tests/integration", "tests/service")
    if not chromium:
        run.skip("Chromium", *IN_CHROMIUM)


def run_modules(lane: Lane) -> None:
    report = RESULTS / "browser-modules.xml"
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"]
    reporters += ["--test-reporter=junit", f"--test-reporter-destination={report}"]
    modules = sorted(glob.glob("tests/js/**/*.test.js", recursive=True))
    lane.step("browser modules (node)", "node", "--test", *reporters, *modules, report=report)


def run_on_servers(lane: Lane, settings: dict[str, str]) -> None:
    """What the addresses, sockets and commands promise, once more on what production runs on."""
    lane.pytest(
        "PostgreSQL and Redis",
        *THREE,
        "tests/integration",
        *leave_out(*AT_THE_PACE_OF_SOUND, *SAME_ON_ANY_DATABASE),
        **settings,
    )


def leave_out(*names: str) -> list[str]:
    """Pytest's arguments for it: files and folders, and tests of a file that has others."""
    return [f"--{'deselect' if '::' in name else 'ignore'}={name}" for name in names]


@contextmanager
def run_servers() -> Iterator[dict[str, str]]:
    """The settings that lead to a PostgreSQL and a Redis of the block's own."""
    with run_postgresql() as database_url, run_redis() as redis_url:
        made = migrated.make_database(database_url, CLEAN_ENVIRONMENT)
        yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **made}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
