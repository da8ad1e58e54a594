"""`python -m bench.calls`: every call at each round trip, `BENCH_CALL_ROUNDS` times; the table."""

import asyncio
import os
from collections import defaultdict

from bench.calls.flows import Figures, Round
from bench.calls.line import Line
from bench.calls.stage import CallStage, set_call_stage
from bench.calls.table import build_table
from bench.stage import BenchFailed

ROUND_TRIPS = (20, 80)
ROUNDS = int(os.environ.get("BENCH_CALL_ROUNDS", "2"))


async def main() -> None:
    async with set_call_stage() as stage:
        try:
            measured = await measure(stage)
        except BenchFailed as failure:
            alerts = [alert["alert_text"] for alert in stage.account.alerts]
            raise BenchFailed(f"{failure}; Twilio's alerts: {alerts}") from failure
    print(f"Calls, {ROUNDS} times each, one server process, SQLite; what is heard comes in frames of 20 ms\n")
    print("\n".join(build_table(measured)), flush=True)


async def measure(stage: CallStage) -> dict[int, Figures]:
    """By round trip."""
    measured: dict[int, Figures] = {}
    # Whatever is loaded and connected at the first call is so before the ones that count.
    await Round(stage, defaultdict(list)).run()
    for milliseconds in ROUND_TRIPS:
        measured[milliseconds] = defaultdict(list)
        Line.round_trip = milliseconds / 1000
        for _ in range(ROUNDS):
            await Round(stage, measured[milliseconds]).run()
    Line.round_trip = 0.0
    return measured


if __name__ == "__main__":
    asyncio.run(main())
