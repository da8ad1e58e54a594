"""Measuring, and telling a figure beside what it is compared with."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Durations of one thing done many times, in milliseconds."""

    durations: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.durations)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.durations, n=20, method="inclusive")[-1]


def time_together(*actions: Callable[[], object], rounds: int, warm_up: int = 5) -> list[Timing]:
    """Times the actions in turn, so that whatever else the machine does falls on all alike."""
    durations: list[list[float]] = [[] for _ in actions]
    for number in range(rounds + warm_up):
        for action, kept in zip(actions, durations, strict=True):
            begun = time.perf_counter()
            action()
            if number >= warm_up:
                kept.append((time.perf_counter() - begun) * 1000)
    return [Timing(one) for one in durations]


def tell(name: str, figure: str, *ratios: str) -> None:
    print(f"  {name:<44}{figure:<34}{'   '.join(ratios)}", flush=True)


def ratio(value: float, other: float, name: str) -> str:
    return f"{value / other:.2f} × {name}"


def build_figure(timing: Timing) -> str:
    return f"median {timing.median:6.1f}   p95 {timing.p95:6.1f} ms"
