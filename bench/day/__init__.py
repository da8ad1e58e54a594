"""A day of many seats, at three reduced scales: what one seat costs must not grow with their number.

Pages come, work, are cut off by a deploy, live through an outage of Twilio's, and go, on two workers with a
PostgreSQL and a Redis of their own. What that took of processor time, statements, Redis commands and memory
is divided by the number of seats and compared from scale to scale. A day is short here: `plan.py` says how
much of a real one a seat does.
"""

import os
import subprocess
import sys


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    subprocess.run([sys.executable, "-m", "bench.day"], env=dict(os.environ), check=True)
