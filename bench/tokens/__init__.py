"""Tokens and the voice webhook under load, each beside what one would write without Dog n Bone.

Whoever calls has no other call, and no page open; what Twilio tells of some of the calls until they are over
has figures of its own.

The server is as in production, two workers on a PostgreSQL and a Redis of their own, and the load a process
beside it on the same cores, for the peers as well: Twilio's Node quickstart (`quickstart.mjs`: a token for
whoever asks, without a session, a database or a record), a stock Django view under gunicorn that does the
same five things (`stock.py`), and a Flask view that checks Twilio's signature (`bare_webhook.py`).
"""

import os
import subprocess
import sys


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    subprocess.run([sys.executable, "-m", "bench.tokens"], env=dict(os.environ), check=True)
