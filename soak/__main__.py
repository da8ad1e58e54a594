"""`make soak`: faults injected under load, and what they cost; 1 where anything was lost.

The same seed makes the same faults in the same order. What happens between two of them is the machine's own.
"""

import argparse
import os
import random
import signal
import sys

# What is imported below reads Django's settings; the service's own processes have others.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
os.environ["ENV_FILE"] = os.devnull

from tests.machine import find_nginx, find_postgresql, find_redis

FAULTS = 200
NOT_RUN = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--faults", type=int, default=FAULTS, help=f"how many, {FAULTS} if not told")
    parser.add_argument("--seed", type=int, help="of an earlier run; another each time if not told")
    asked = parser.parse_args()
    needed = {"PostgreSQL": find_postgresql(), "Redis": find_redis(), "nginx (with brotli)": find_nginx()}
    if missing := [name for name, path in needed.items() if not path]:
        print(f"Not run, because this is missing here: {', '.join(missing)}", file=sys.stderr)
        return NOT_RUN
    seed = random.SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
    print(f"{asked.faults} faults, seed {seed}", flush=True)
    # Whoever ends it leaves no server running and no file system mounted.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    from soak.run import soak

    return soak(seed, asked.faults)


if __name__ == "__main__":
    sys.exit(main())
