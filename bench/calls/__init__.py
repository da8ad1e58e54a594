"""Calls, measured by what is heard: until somebody is, on hold, put through, and beside a second call.

The fake Twilio and everybody's telephones are in this process, the product and its worker in processes of
their own. What goes between the product and Twilio, both ways, takes the round trip of a network
(`line.py`). The peers are on the same gateway: a server that answers a plain Dial or a conference at once and
keeps nothing (`bare.py`), and the same REST requests without Dog n Bone around them.
"""

import os
import subprocess
import sys


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    subprocess.run([sys.executable, "-m", "bench.calls"], env=dict(os.environ), check=True)
