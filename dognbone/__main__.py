"""`python -m dognbone`: the server as it runs in production, checked before any process of it starts.

WEB_CONCURRENCY, from the environment or `.env`, is the number of processes.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
import uvicorn
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from uvicorn.supervisors.multiprocess import Process

from dognbone.fair_shares import fair_shares
from dognbone.shared_counts import shared_counts
from dognbone.sockets import OPTIONS
from dognbone.whole_answers import WholeAnswers

# Longer than nginx keeps a connection that has nothing to do (60 s). What it sends on one that is closed in
# that moment is lost: a POST it does not send twice, and Twilio is told that we are broken.
KEEP_ALIVE_SECONDS = 75


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dognbone", description="Serves Dog n Bone.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--forwarded-allow-ips",
        default="127.0.0.1",
        help="the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
    )
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dognbone.settings")
    try:
        # Before Django is set up, which imports what counts.
        with shared_counts(bool(settings.METRICS_TOKEN)):
            django.setup()
            from dognbone.checks import stop_on_errors

            stop_on_errors()
            serve(given)
    except ImproperlyConfigured as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def serve(given: argparse.Namespace) -> None:
    """Until it is stopped; WEB_CONCURRENCY is uvicorn's own name for the number of processes."""
    with fair_shares() as options, noticing_deaths():
        uvicorn.run(
            "dognbone.asgi:application",
            host=given.host,
            port=given.port,
            **OPTIONS,
            **options,
            http=WholeAnswers,
            # Django's own holds for all processes, and `dognbone/request_log.py` writes what is asked.
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=20,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            # How long a process may take to start, on a machine that is busy, before it counts as broken.
            timeout_worker_healthcheck=60,
            proxy_headers=True,
            forwarded_allow_ips=given.forwarded_allow_ips,
        )


@contextmanager
def noticing_deaths() -> Iterator[None]:
    """Whoever dies while uvicorn asks whether they are alive is replaced at once.

    uvicorn keeps a copy of the end of the pipe that a process answers on. So the pipe stays open when that
    process dies, and uvicorn waits as long for the answer as a process may take to start.
    """
    start = Process.start

    def start_and_let_go(process: Process) -> None:
        start(process)
        process.child_conn.close()

    Process.start = start_and_let_go  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Process.start = start  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
