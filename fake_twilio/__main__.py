"""`python -m fake_twilio --port N`: the fake as a process of its own, on loopback only."""

import argparse
import asyncio
import signal

from aiohttp import web

from fake_twilio.app import build_app
from fake_twilio.app_keys import JOURNAL

HOST = "127.0.0.1"
# Requests that hang on purpose must not keep the process from ending.
SHUTDOWN_SECONDS = 0.5


async def serve(port: int, is_log_public: bool, seed: int | None) -> None:
    """Serves until SIGTERM or SIGINT."""
    app = build_app(seed=seed)
    app[JOURNAL].is_printed = is_log_public
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    print(f"The fake Twilio listens on http://{HOST}:{port}", flush=True)
    if seed is not None:
        print(f"It words its refusals by the seed {seed}", flush=True)
    await ended.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="fake_twilio", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--public-log", action="store_true", help="print one line for each REST request, without secrets"
    )
    parser.add_argument(
        "--variation", type=int, metavar="SEED", help="refuse in other words, bodies and order than Twilio's"
    )
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.public_log, arguments.variation))


if __name__ == "__main__":
    main()
