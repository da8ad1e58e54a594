"""`python -m bench` runs every benchmark; `python -m bench calls` only the parts that are named."""

import argparse
import os
import platform
from collections.abc import Callable

from bench import calls
from bench.stage import Stage, set_stage

# Has a stage of its own.
ALONE = ("calls",)
PARTS = ("sealing", "answers", "connecting", "recent_calls", "admin_pages", *ALONE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; without any, all of them")
    wanted = parser.parse_args().part or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
    if not set(wanted) <= set(ALONE):
        with set_stage() as stage:
            run([part for part in wanted if part not in ALONE], stage)
    run([part for part in wanted if part in ALONE], None)


def run(wanted: list[str], stage: Stage | None) -> None:
    parts = build_staged(stage) if stage else {"calls": calls.run}
    for part in wanted:
        parts[part]()


def build_staged(stage: Stage) -> dict[str, Callable[[], None]]:
    # After Django is set up, because they read models and settings.
    from bench import admin_pages, answers, connecting, recent_calls, sealing

    return {
        "sealing": sealing.run,
        "answers": lambda: answers.run(stage),
        "connecting": lambda: connecting.run(stage),
        "recent_calls": recent_calls.run,
        "admin_pages": admin_pages.run,
    }


if __name__ == "__main__":
    main()
