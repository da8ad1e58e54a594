"""`python -m bench` runs every benchmark; `python -m bench calls` only the parts that are named."""

import argparse
import os
import platform
from collections.abc import Callable, Mapping

from bench import (
    calls,
    contact_import,
    contacts,
    day,
    events,
    first_load,
    lighthouse,
    recent_calls,
    sockets,
    tokens,
)
from bench.stage import Stage, set_stage

# Those that have a stage of their own, in processes of their own.
ALONE = {
    "first_load": first_load.run,
    "lighthouse": lighthouse.run,
    "recent_calls": recent_calls.run,
    "contacts": contacts.run,
    "contact_import": contact_import.run,
    "calls": calls.run,
    "sockets": sockets.run,
    "events": events.run,
    "tokens": tokens.run,
    "day": day.run,
}
PARTS = ("sealing", "answers", "connecting", "admin_pages", *ALONE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; without any, all of them")
    wanted = parser.parse_args().part or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
    if not set(wanted) <= ALONE.keys():
        with set_stage() as stage:
            run([part for part in wanted if part not in ALONE], build_staged(stage))
    run([part for part in wanted if part in ALONE], ALONE)


def run(wanted: list[str], parts: Mapping[str, Callable[[], None]]) -> None:
    for part in wanted:
        parts[part]()


def build_staged(stage: Stage) -> dict[str, Callable[[], None]]:
    # After Django is set up, because they read models and settings.
    from bench import admin_pages, answers, connecting, sealing

    return {
        "sealing": sealing.run,
        "answers": lambda: answers.run(stage),
        "connecting": lambda: connecting.run(stage),
        "admin_pages": admin_pages.run,
    }


if __name__ == "__main__":
    main()
